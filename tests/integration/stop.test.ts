import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/postgres/cluster.ts';
import { testEnvironment } from '../support/config.ts';
import { expect, test } from '../support/db.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** Stands for the built pages: an event stream like /events (SvelteKit too sets header by header), and an answer that takes its time. */
const pages = `export function handler(req, res) {
	if (req.url === '/events') {
		res.setHeader('content-type', 'text/event-stream');
		res.write('retry: 3000\\n\\n');
	} else {
		process.send('asked');
		setTimeout(() => res.end('answered'), 700);
	}
}
`;

test('OPS-3: an open page does not hold up a stop: its event stream is ended, what was asked is answered, the code is 0', async ({
	db
}) => {
	const build = mkdtempSync(join(tmpdir(), 'cadenza-build-'));
	writeFileSync(join(build, 'handler.js'), pages);
	writeFileSync(join(build, 'package.json'), '{ "type": "module" }');
	const port = await freePort(0);
	const origin = `http://127.0.0.1:${port}`;
	const server = spawn(process.execPath, ['src/server.ts'], {
		cwd: project,
		env: {
			...process.env,
			...testEnvironment(db.urls, { PORT: String(port), ORIGIN: origin }),
			CADENZA_BUILD: relative(project, build)
		},
		stdio: ['ignore', 'ignore', 'inherit', 'ipc']
	});
	try {
		await expect
			.poll(() =>
				fetch(`${origin}/healthz`).then(
					({ status }) => status,
					() => 0
				)
			)
			.toBe(200);
		const events = await fetch(`${origin}/events`);
		expect(events.status).toBe(200);
		const slow = fetch(`${origin}/slow`).then((response) => response.text());
		await once(server, 'message');

		const toldAt = performance.now();
		const ended = once(server, 'exit');
		server.kill('SIGTERM');
		expect(await events.text()).toBe('retry: 3000\n\n');
		expect(await slow).toBe('answered');
		expect(await ended).toEqual([0, null]);
		// Without an end of the stream it is 15 s, and code 1.
		expect(performance.now() - toldAt).toBeLessThan(10_000);
	} finally {
		server.kill('SIGKILL');
		rmSync(build, { recursive: true });
	}
});
