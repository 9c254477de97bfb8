import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyPatch } from './apply.js';
import { graphileWorker } from './graphile-worker.js';
import { postgres } from './postgres.js';

const installed = 'node_modules/postgres';
const files = Object.entries(postgres.files);

/** A copy of the package as it is published. */
async function published(): Promise<{ folder: string; remove: () => Promise<void> }> {
	const folder = await mkdtemp(join(tmpdir(), 'cadenza-patch-'));
	await cp(installed, folder, { recursive: true });
	for (const [file, edits] of files) {
		const text = await readFile(join(folder, file), 'utf8');
		const before = edits.reduce((done, [original, patched]) => done.replace(patched, () => original), text);
		await writeFile(join(folder, file), before);
	}
	return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

test('the installed packages are patched', () => {
	expect(applyPatch(postgres, installed)).toBe(false);
	expect(applyPatch(graphileWorker, 'node_modules/graphile-worker')).toBe(false);
});

test('the patch changes the published files once, and the same ones that are installed', async () => {
	const { folder, remove } = await published();
	try {
		expect(applyPatch(postgres, folder)).toBe(true);
		expect(applyPatch(postgres, folder)).toBe(false);
		for (const [file] of files)
			expect(await readFile(join(folder, file), 'utf8')).toBe(await readFile(join(installed, file), 'utf8'));
	} finally {
		await remove();
	}
});

test('another version or another text is refused and left alone', async () => {
	const { folder, remove } = await published();
	try {
		const path = join(folder, 'src/index.js');
		const strange = (await readFile(path, 'utf8')).replace('let savepoints = 0', 'let savepoints = 1');
		await writeFile(path, strange);
		const connection = await readFile(join(folder, 'src/connection.js'), 'utf8');
		expect(() => applyPatch(postgres, folder)).toThrow('src/index.js does not contain');
		expect(await readFile(path, 'utf8')).toBe(strange);
		expect(await readFile(join(folder, 'src/connection.js'), 'utf8')).toBe(connection);
		await writeFile(join(folder, 'package.json'), '{ "version": "3.5.0" }');
		expect(() => applyPatch(postgres, folder)).toThrow('version 3.5.0 is installed');
	} finally {
		await remove();
	}
});
