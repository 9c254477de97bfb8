import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Two files of this size are kept for each process. */
const MOST_BYTES = 10 * 1024 * 1024;

/**
 * Appends to `NAME.log`: what a process said last stays readable after a restart of the product. A full file becomes
 * `NAME.old.log`. Written at once, so that nothing is missing when the supervisor itself is killed.
 */
export function rotatingLog(
	folder: string,
	name: string,
	mostBytes = MOST_BYTES
): (text: string | Buffer) => void {
	mkdirSync(folder, { recursive: true });
	const file = join(folder, `${name}.log`);
	let size = existsSync(file) ? statSync(file).size : 0;
	return (text) => {
		if (size > mostBytes) {
			renameSync(file, join(folder, `${name}.old.log`));
			size = 0;
		}
		appendFileSync(file, text);
		size += Buffer.byteLength(text);
	};
}
