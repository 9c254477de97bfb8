import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { projectFolder } from './dataFolder.ts';

const keptBuilds = 4;
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

/**
 * Builds the pages unless this very state of the sources was built before. Each build has a folder of its own, so that
 * a server which runs on an older one keeps its files; a few old ones are kept. Answers the folder, for CADENZA_BUILD.
 */
export async function ensureBuild(say: (line: string) => void): Promise<string> {
	const wanted = await sourceHash();
	const folder = `build/${wanted.slice(0, 12)}`;
	const stamp = join(projectFolder, folder, 'source.sha256');
	if (existsSync(stamp)) return folder;
	say('Building the pages (once per change of the sources) ...');
	await runBuild(folder);
	await writeFile(stamp, wanted);
	await removeOldBuilds();
	return folder;
}

async function removeOldBuilds(): Promise<void> {
	const parent = join(projectFolder, 'build');
	const found = await Promise.all(
		(await readdir(parent)).map(async (name) => ({ name, at: (await stat(join(parent, name))).mtimeMs }))
	);
	for (const { name } of found.toSorted((a, b) => b.at - a.at).slice(keptBuilds))
		await rm(join(parent, name), { recursive: true, force: true });
}

function runBuild(folder: string): Promise<void> {
	const vite = join(projectFolder, 'node_modules/vite/bin/vite.js');
	return new Promise((done, fail) => {
		const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
			cwd: projectFolder,
			env: { ...process.env, NODE_ENV: 'production', CADENZA_BUILD: folder }
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
