import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import type { BareData } from './bare/main.ts';

const program = fileURLToPath(new URL('./bare/main.ts', import.meta.url));

/** Builds the bare canvas and serves it with its data. */
export async function startBarePage(data: BareData): Promise<{ url: string; stop: () => Promise<void> }> {
	const folder = await mkdtemp(join(tmpdir(), 'cadenza-bare-'));
	await build({
		configFile: false,
		logLevel: 'error',
		plugins: [svelte()],
		build: {
			outDir: folder,
			target: 'esnext',
			rolldownOptions: { input: program, output: { entryFileNames: 'bare.js' } }
		}
	});
	const styles = (await readdir(join(folder, 'assets'))).filter((name) => name.endsWith('.css'));
	const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bare</title>
		${styles.map((name) => `<link rel="stylesheet" href="/assets/${name}">`).join('')}
		<script type="module" src="/bare.js"></script></head><body></body></html>`;
	const answers: Record<string, [type: string, body: string]> = {
		'/': ['text/html', page],
		'/data.json': ['application/json', JSON.stringify(data)],
		'/bare.js': ['text/javascript', await readFile(join(folder, 'bare.js'), 'utf8')]
	};
	for (const name of styles)
		answers[`/assets/${name}`] = ['text/css', await readFile(join(folder, 'assets', name), 'utf8')];
	const server = createServer(({ url = '' }, res) => {
		const [type, body] = answers[url] ?? ['text/plain', ''];
		res.writeHead(answers[url] ? 200 : 404, { 'content-type': type }).end(body);
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
		stop: async () => {
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
			await rm(folder, { recursive: true, force: true });
		}
	};
}
