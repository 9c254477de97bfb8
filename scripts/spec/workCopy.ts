import { execFileSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { applyHunk, type Mutant } from './mutant.ts';

/** A copy of the tree as it is now, edits that are not committed included, where mutants may do their harm. */
export class WorkCopy {
	readonly folder = mkdtempSync(join(tmpdir(), 'cadenza-mutants-'));

	constructor() {
		const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { encoding: 'utf8' });
		for (const file of [...listed.split('\0').filter(Boolean), '.svelte-kit/tsconfig.json']) {
			if (!existsSync(file)) continue;
			mkdirSync(dirname(join(this.folder, file)), { recursive: true });
			cpSync(file, join(this.folder, file));
		}
		symlinkSync(join(process.cwd(), 'node_modules'), join(this.folder, 'node_modules'));
	}

	/**
	 * @returns puts everything back
	 * @throws Error when the mutant does not fit the tree any more
	 */
	apply({ hunks }: Mutant): () => void {
		const before = new Map<string, string>();
		for (const hunk of hunks) {
			const path = join(this.folder, hunk.file);
			const source = readFileSync(path, 'utf8');
			if (!before.has(path)) before.set(path, source);
			writeFileSync(path, applyHunk(source, hunk));
		}
		return () => {
			for (const [path, source] of before) writeFileSync(path, source);
		};
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
