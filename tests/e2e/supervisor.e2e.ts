import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { freePort } from '../../scripts/postgres/cluster.ts';
import { startOf } from '../../scripts/supervisor/lock.ts';
import { productFolder, startProduct } from './support/product.ts';
import { expect, test } from './support/test.ts';

test.describe.configure({ timeout: 240_000 });

const isAlive = (pid: number | undefined) => !!pid && startOf(pid) !== '';

test('OPS-1: data outlives a kill -9 of everything, a second instance is refused, Ctrl-C leaves nothing', async () => {
	const data = await productFolder();
	try {
		const first = await startProduct(data);
		const sql = postgres(first.logins.owner, { max: 1 });
		await sql`update organizations set name = 'Kept over the crash'`;
		await sql.end();

		await expect(startProduct(data)).rejects.toThrow(/already runs on .* Stop that one first/);

		const { app, worker } = first.children;
		first.process.kill('SIGKILL');
		if (app) process.kill(app, 'SIGKILL');
		// The worker is left to notice by itself that its parent is gone.
		await expect.poll(() => isAlive(app) || isAlive(worker), { timeout: 20_000 }).toBe(false);

		const second = await startProduct(data);
		const again = postgres(second.logins.owner, { max: 1 });
		const names = await again`select name from organizations`;
		expect(names.map((row) => row.name as string)).toEqual(['Kept over the crash']);
		await again.end();

		expect(await second.stop()).toBe(0);
		const ports = [new URL(second.origin).port, new URL(second.logins.web).port].map(Number);
		for (const port of ports) expect(await freePort(port)).toBe(port);
	} finally {
		await rm(data, { recursive: true, force: true });
	}
});

test('OPS-1: a wrong setting is refused at start with its name and the remedy, all at once', async () => {
	const data = await productFolder();
	try {
		const wrong = { ORIGIN: 'cadenza.example.com/', LOG_LEVEL: 'loud', MAIL_DOMAIN: 'nodots' };
		const refusal = await startProduct(data, wrong).catch((error: Error) => error.message);
		expect(refusal).toContain('ORIGIN must be an address such as https://cadenza.example.com');
		expect(refusal).toContain('LOG_LEVEL must be one of trace, debug');
		expect(refusal).toContain('MAIL_DOMAIN must be a domain name');
	} finally {
		await rm(data, { recursive: true, force: true });
	}
});
