import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Two files of this size are kept for each process. */
const MOST_BYTES = 10 * 1024 * 1024;

/**
 * Appends to `NAME.log`: what a process said last stays readable after a restart of the product. A full file becomes
 * `NAME.old.log`. Written at once, so that nothing is missing when the supervisor itself is killed. What cannot be
 * written (a full disk) is dropped and `complain` told once: a log ends no product.
 */
export function rotatingLog(
	folder: string,
	name: string,
	mostBytes = MOST_BYTES,
	complain: (line: string) => void = console.error
): (text: string | Buffer) => void {
	const file = join(folder, `${name}.log`);
	let size = 0;
	let complained = false;
	const orDrop = (write: () => void) => {
		try {
			write();
		} catch (error) {
			// Whatever is in the way of a full file, the next lines go on where they can.
			size = 0;
			if (complained) return;
			complained = true;
			complain(`Lines of ${file} are lost: ${error instanceof Error ? error.message : String(error)}`);
		}
	};
	orDrop(() => {
		mkdirSync(folder, { recursive: true });
		if (existsSync(file)) size = statSync(file).size;
	});
	return (text) =>
		orDrop(() => {
			if (size > mostBytes) {
				renameSync(file, join(folder, `${name}.old.log`));
				size = 0;
			}
			appendFileSync(file, text);
			size += Buffer.byteLength(text);
		});
}
