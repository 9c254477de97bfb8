import { findActor } from '../../src/lib/server/auth/findActor.ts';
import { closeWebDb } from '../../src/lib/server/db/pools.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';

test('RELIABILITY 2.1: a signed-in request while the database is away is answered with 503, not as a fault of ours', async ({
	db
}) => {
	const web = new URL(db.urls.web);
	web.port = '1';
	await closeWebDb();
	useConfig({ ...db.urls, web: web.href });
	const event = {
		request: new Request('http://localhost:3000/leads', { headers: { cookie: 'session=someone' } }),
		route: { id: '/(app)/[module=module]' },
		locals: {},
		cookies: { set: () => undefined }
	} as unknown as Parameters<typeof findActor>[0]['event'];
	try {
		const answer = findActor({ event, resolve: () => new Response('page') });
		await expect(answer).rejects.toMatchObject({ status: 503, body: { code: 'unavailable' } });
	} finally {
		await closeWebDb();
		useConfig(db.urls);
	}
});
