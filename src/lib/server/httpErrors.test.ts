import { expect, test } from 'vitest';
import { z } from 'zod';
import { DomainError, domainErrorCodes } from '#lib/domain/errors.ts';
import { httpErrorRules, toDomainError } from './httpErrors.ts';

test('every code of an error has a status', () => {
	for (const code of domainErrorCodes) expect(httpErrorRules[code].status).toBeGreaterThanOrEqual(400);
	expect(Object.keys(httpErrorRules)).toHaveLength(domainErrorCodes.length);
});

test('input that a schema refuses becomes an error with a pointer to the value', () => {
	const { error } = z
		.object({ delay: z.object({ n: z.number().max(99, 'At most 99.') }) })
		.safeParse({ delay: { n: 100 } });
	expect(toDomainError(error)).toMatchObject({
		code: 'invalid',
		message: 'At most 99.',
		pointer: '/delay/n'
	});
});

test('RELIABILITY 2.1: a database that is away or busy is a matter of trying again; a fault of ours stays one', () => {
	const refused = Object.assign(new Error('Failed query: select secret'), { cause: { code: '55P03' } });
	expect(toDomainError(refused)).toMatchObject({ code: 'unavailable' });
	expect(toDomainError(refused)?.message).not.toContain('secret');
	for (const code of ['57P02', '25006', 'CONNECTION_CLOSED', 'CONNECTION_ENDED', 'EAI_AGAIN', 'EHOSTUNREACH'])
		expect(toDomainError(Object.assign(new Error('q'), { code }))).toMatchObject({ code: 'unavailable' });
	expect(toDomainError(new TypeError('x is not a function'))).toBeNull();
	expect(toDomainError(Object.assign(new Error('q'), { cause: { code: '42703' } }))).toBeNull();
	const own = new DomainError('limit', 'Ten of ten are active.');
	expect(toDomainError(own)).toBe(own);
});

test('a text that PostgreSQL cannot read as an id, number or date is bad input, not a fault of ours', () => {
	for (const code of ['22021', '22P02', '22003'])
		expect(toDomainError(Object.assign(new Error('Failed query: x'), { cause: { code } }))).toMatchObject({
			code: 'invalid'
		});
});
