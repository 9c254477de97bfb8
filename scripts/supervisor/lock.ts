import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

const holderIn = (file: string): Promise<Holder | null> =>
	readFile(file, 'utf8')
		.then((text) => JSON.parse(text) as Holder)
		.catch(() => null);

/**
 * Makes `own` the lock `file` unless a running process holds it. A link is there with its content or not at all, so
 * nobody reads half a lock. Only who holds the lock on a stale lock (`file.next`) may put another in its place; were it
 * deleted, a start that looked a moment earlier would delete the fresh one.
 */
async function claim(own: string, file: string): Promise<boolean> {
	const linked = await link(own, file).then(
		() => true,
		(error: NodeJS.ErrnoException) => {
			if (error.code === 'EEXIST') return false;
			throw error;
		}
	);
	if (linked) return true;
	const isStale = async () => {
		const holder = await holderIn(file);
		return !holder || !isRunning(holder);
	};
	const next = `${file}.next`;
	if (!(await isStale()) || !(await claim(own, next))) return false;
	const stale = existsSync(file) && (await isStale());
	await (stale ? rename(next, file) : rm(next));
	return stale;
}

const TRIES = 40;
const BETWEEN_TRIES_MS = 50;

/**
 * Lets one supervisor at a time use a data folder. A lock whose process is gone (kill -9) is taken over.
 * @throws with a sentence for the person when another one runs
 */
export async function takeLock(data: string): Promise<() => void> {
	await mkdir(data, { recursive: true });
	const file = join(data, 'lock');
	const own = join(data, `lock.${randomUUID()}`);
	const holder: Holder = { pid: process.pid, startedAt: startOf(process.pid) };
	await writeFile(own, JSON.stringify(holder));
	try {
		for (let tried = 0; tried < TRIES; tried++) {
			if (await claim(own, file)) return () => rmSync(file, { force: true });
			const other = await holderIn(file);
			if (other && isRunning(other)) {
				throw new Error(
					`Cadenza already runs on ${data} (process ${other.pid}). Stop that one first, or give this one a folder of its own with CADENZA_DATA.`
				);
			}
			await new Promise((done) => setTimeout(done, BETWEEN_TRIES_MS));
		}
	} finally {
		await rm(own, { force: true });
	}
	throw new Error(`The lock ${file} cannot be taken. Is another start under way? Try again in a moment.`);
}
