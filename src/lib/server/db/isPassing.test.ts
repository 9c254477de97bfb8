import { expect, test } from 'vitest';
import { createDb } from './client.ts';
import { isPassing } from './isPassing.ts';

const failed = (code: string) =>
	new Error('Failed query', { cause: Object.assign(new Error(code), { code }) });

test('RELIABILITY 2.1, 2.2: a database that is away, has no name for a moment or is read-only after a failover passes by itself', () => {
	for (const code of ['57P01', '40P01', '53300', '25006', 'ECONNREFUSED', 'CONNECTION_CLOSED'])
		expect([code, isPassing(failed(code))]).toEqual([code, true]);
	// Its container is being replaced: the name is gone, or no route leads to it.
	for (const code of ['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT'])
		expect([code, isPassing(failed(code))]).toEqual([code, true]);
	for (const code of ['22P05', '23505', '42703', '25001'])
		expect([code, isPassing(failed(code))]).toEqual([code, false]);
});

test('RELIABILITY 2.1: what the driver says of a host without a name is known as passing', async () => {
	const db = createDb('postgres://nobody:x@database.invalid:5432/none', { name: 'test-nameless', max: 1 });
	const error: unknown = await db.execute('select 1').catch((caught: unknown) => caught);
	await db.$client.end({ timeout: 1 });
	expect(isPassing(error)).toBe(true);
});
