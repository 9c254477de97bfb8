import { expect, test } from 'vitest';
import { z } from 'zod';
import { criteriaSchema } from '#lib/domain/criteria/criteria.ts';
import { isDomainError } from '#lib/domain/errors.ts';
import { formJson } from './formJson.ts';
import { toDomainError } from './httpErrors.ts';
import { parseJson } from './parseJson.ts';
import { readBody } from './readBody.ts';

const nested = (levels: number) => `${'{"all":['.repeat(levels)}${']}'.repeat(levels)}`;
const posted = (body: string) => new Request('http://localhost/', { method: 'POST', body });

test('reads what pages send, and nothing that is no JSON', () => {
	expect(parseJson('{"a":[1,null,"x"]}')).toEqual({ a: [1, null, 'x'] });
	expect(parseJson('null')).toBeNull();
	expect(parseJson('{"a":')).toBeUndefined();
	expect(parseJson(nested(20))).toBeDefined();
});

test('conditions nested without end are refused, not read until the stack is used up', async () => {
	expect(parseJson(nested(30_000))).toBeUndefined();
	const schema = z.object({ criteria: criteriaSchema });
	const body = `{"criteria":${nested(5_000)}}`;
	await expect(readBody(posted(body), schema)).rejects.toMatchObject({ status: 422 });
	const form = formJson(schema).safeParse(body);
	expect(form.success).toBe(false);
	expect(isDomainError(toDomainError(form.error))).toBe(true);
	await expect(readBody(posted('{"criteria":{"all":[]}}'), schema)).resolves.toEqual({
		criteria: { all: [] }
	});
});
