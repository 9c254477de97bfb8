import { readFileSync, rmSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Process id and its start: an id alone may belong to another program after a reboot. */
interface Holder {
	pid: number;
	startedAt: string;
}

/** Empty when there is no such process, or only its zombie (which no signal tells from a living one). */
export const startOf = (pid: number): string => {
	try {
		// State is field 3, start field 22 of /proc/pid/stat; the name in field 2 may contain spaces and brackets.
		const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ') ?? [];
		return fields[0] === 'Z' ? '' : (fields[19] ?? '');
	} catch {
		return '';
	}
};

const isRunning = (holder: Holder): boolean => {
	try {
		process.kill(holder.pid, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
	}
	// Without /proc (macOS) the id alone has to do.
	return holder.startedAt === '' || startOf(holder.pid) === holder.startedAt;
};

/**
 * Lets one supervisor at a time use a data folder. A lock whose process is gone (kill -9) is taken over.
 * @throws with a sentence for the person when another one runs
 */
export async function takeLock(data: string): Promise<() => void> {
	await mkdir(data, { recursive: true });
	const file = join(data, 'lock');
	for (let attempt = 0; attempt < 3; attempt++) {
		const handle = await open(file, 'wx').catch(() => null);
		if (handle) {
			const holder: Holder = { pid: process.pid, startedAt: startOf(process.pid) };
			await handle.writeFile(JSON.stringify(holder));
			await handle.close();
			return () => rmSync(file, { force: true });
		}
		const holder = await readFile(file, 'utf8')
			.then((text) => JSON.parse(text) as Holder)
			.catch(() => null);
		if (holder && isRunning(holder)) {
			throw new Error(
				`Cadenza already runs on ${data} (process ${holder.pid}). Stop that one first, or give this one a folder of its own with CADENZA_DATA.`
			);
		}
		await rm(file, { force: true });
	}
	throw new Error(`The lock ${file} cannot be taken. Is another start under way? Try again in a moment.`);
}
