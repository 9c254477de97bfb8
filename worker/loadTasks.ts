import { readdir } from 'node:fs/promises';
import { jobs, type JobName } from '#lib/server/jobs.ts';
import type { Task } from './task.ts';

/**
 * Every file of tasks/ exports one task as its default; its name is a job of the catalogue.
 * @throws when a file names no job, so that a misspelt task is found at start and not by its silence
 */
export async function loadTasks(): Promise<Map<JobName, Task>> {
	const folder = new URL('./tasks/', import.meta.url);
	const found = new Map<JobName, Task>();
	for (const file of (await readdir(folder)).filter((name) => name.endsWith('.ts'))) {
		const { default: task } = (await import(new URL(file, folder).href)) as { default: Task };
		if (!(task.name in jobs)) throw new Error(`worker/tasks/${file}: ${task.name} is no job of jobs.ts.`);
		found.set(task.name, task);
	}
	return found;
}
