import { expect, test } from 'vitest';
import { setConfig } from '../../src/lib/server/config.ts';
import { childEnvironment } from './environment.ts';

test('S15: the mail catcher of npm start opens the own network to nobody', async () => {
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
	const own = { SECRET_KEY: Buffer.alloc(32).toString('base64') };
	try {
		expect(await childEnvironment(own, given)).not.toHaveProperty('ALLOW_PRIVATE_HOSTS');
		const asked = await childEnvironment({ ...own, ALLOW_PRIVATE_HOSTS: 'true' }, given);
		expect(asked.ALLOW_PRIVATE_HOSTS).toBe('true');
	} finally {
		setConfig(undefined);
	}
});
