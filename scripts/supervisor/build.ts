import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { projectFolder } from './dataFolder.ts';

const stamp = join(projectFolder, 'build/source.sha256');
const single = ['package.json', 'package-lock.json', 'svelte.config.js', 'vite.config.ts', 'tsconfig.json'];

/** Hash of everything the build is made of; a few ms. Modification times would lie after a checkout. */
async function sourceHash(): Promise<string> {
	const files = [...single];
	for (const folder of ['src', 'static']) {
		const entries = await readdir(join(projectFolder, folder), { recursive: true, withFileTypes: true });
		for (const entry of entries) {
			if (entry.isFile() && !entry.name.endsWith('.test.ts')) files.push(join(entry.parentPath, entry.name));
		}
	}
	const hash = createHash('sha256');
	for (const file of files.toSorted()) {
		const path = file.startsWith('/') ? file : join(projectFolder, file);
		hash
			.update(file)
			.update('\0')
			.update(await readFile(path))
			.update('\0');
	}
	return hash.digest('hex');
}

/** Builds the pages when `build/` is missing or made of other sources. True when it did. */
export async function ensureBuild(say: (line: string) => void): Promise<boolean> {
	const wanted = await sourceHash();
	const current = existsSync(stamp) ? await readFile(stamp, 'utf8') : '';
	if (current === wanted && existsSync(join(projectFolder, 'build/handler.js'))) return false;
	say('Building the pages (once per change of the sources) ...');
	await runBuild();
	await writeFile(stamp, wanted);
	return true;
}

function runBuild(): Promise<void> {
	const vite = join(projectFolder, 'node_modules/vite/bin/vite.js');
	return new Promise((done, fail) => {
		const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
			cwd: projectFolder,
			env: { ...process.env, NODE_ENV: 'production' }
		});
		let output = '';
		child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
		child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
		child.on('error', fail);
		child.on('exit', (code) =>
			code === 0
				? done()
				: fail(new Error(`The build failed:\n${stripVTControlCharacters(output).trim().slice(0, 3000)}`))
		);
	});
}
