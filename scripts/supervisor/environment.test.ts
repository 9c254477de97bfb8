import { afterEach, expect, test } from 'vitest';
import { setConfig } from '../../src/lib/server/config.ts';
import { checkSettings, childEnvironment } from './environment.ts';

const own = { SECRET_KEY: Buffer.alloc(32).toString('base64') };
const given = {
	data: '/nowhere',
	port: 3000,
	urls: {
		owner: 'postgres://o@127.0.0.1/c',
		web: 'postgres://w@127.0.0.1/c',
		worker: 'postgres://k@127.0.0.1/c'
	},
	smtpUrl: 'smtp://127.0.0.1:1025',
	whatsappUrl: 'http://127.0.0.1:1090',
	inboundPort: 2525
};
afterEach(() => setConfig(undefined));

test('S15: the mail catcher of npm start opens the own network to nobody', async () => {
	expect(await childEnvironment(own, given)).not.toHaveProperty('ALLOW_PRIVATE_HOSTS');
	const asked = await childEnvironment({ ...own, ALLOW_PRIVATE_HOSTS: 'true' }, given);
	expect(asked.ALLOW_PRIVATE_HOSTS).toBe('true');
});

test('OPS-1: with PORT=0 the children get the port that was found', async () => {
	const env = await childEnvironment({ ...own, PORT: '0' }, given);
	expect(env).toMatchObject({ PORT: '3000', ORIGIN: 'http://localhost:3000' });
});

test('OPS-1: an own PostgreSQL is named with all three logins or not at all', () => {
	const [web, worker, owner] = ['DATABASE_URL', 'DATABASE_WORKER_URL', 'DATABASE_MIGRATE_URL'] as const;
	const url = 'postgres://a@127.0.0.1/c';
	for (const [set, missing] of [
		[[web], `${worker} and ${owner}`],
		[[worker], `${web} and ${owner}`],
		[[owner], `${web} and ${worker}`],
		[[web, worker], owner],
		[[web, owner], worker],
		[[worker, owner], web]
	] as const) {
		const env = Object.fromEntries(set.map((name) => [name, url]));
		expect(() => checkSettings(env)).toThrow(`set ${missing} too (README, "Your own PostgreSQL")`);
	}
	expect(() => checkSettings({ [web]: url, [worker]: url, [owner]: url })).not.toThrow();
	expect(() => checkSettings({ [web]: '', [worker]: '' })).not.toThrow();
});
