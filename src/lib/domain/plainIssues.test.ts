import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { speakPlainly } from './plainIssues.ts';

const before = z.config().customError;
afterEach(() => z.config({ customError: before }));

const parserWords = /invalid|expected|received|too (big|small)|>=|<=|uuid|zod|record$/i;

test('UX: whatever a schema refuses is told in a sentence that names the value', () => {
	speakPlainly();
	const say = (schema: z.ZodType, value: unknown) => {
		const text = schema.safeParse(value).error?.issues[0]?.message ?? 'accepted';
		expect(text).not.toMatch(parserWords);
		expect(text).toMatch(/\.$/);
		return text;
	};
	const of = (schema: z.ZodType) => z.object({ dealName: schema });
	expect(say(z.object({ id: z.uuid() }), { id: 'x' })).toBe(
		'Id is no id that exists here. Reload the page and try again.'
	);
	expect(say(of(z.string()), {})).toBe('Deal name is missing.');
	expect(say(of(z.number()), { dealName: 'x' })).toBe('Deal name must be a number.');
	expect(say(of(z.string().max(1000)), { dealName: 'x'.repeat(1001) })).toBe(
		'Deal name must have 1,000 characters at most.'
	);
	expect(say(of(z.string().min(1)), { dealName: '' })).toBe('Deal name must not be empty.');
	expect(say(of(z.array(z.string()).max(2)), { dealName: ['a', 'b', 'c'] })).toBe(
		'Deal name must have 2 entries at most.'
	);
	expect(say(of(z.array(z.string())), { dealName: ['a', 3] })).toBe('Deal name, entry 2, must be a text.');
	expect(say(of(z.number().min(1)), { dealName: 0 })).toBe('Deal name must be 1 at least.');
	expect(say(of(z.int()), { dealName: 1.5 })).toBe('Deal name must be a whole number.');
	expect(say(of(z.enum(['a', 'b'])), { dealName: 'c' })).toBe('Deal name must be one of a, b.');
	expect(say(of(z.iso.datetime()), { dealName: 'now' })).toContain('must be a date and time');
	expect(say(of(z.email()), { dealName: 'now' })).toContain('must be an e-mail address');
	expect(say(of(z.union([z.number(), z.boolean()])), { dealName: 'c' })).toBe('Deal name is not valid.');
	expect(say(of(z.record(z.string().max(3), z.string())), { dealName: { abcd: 'x' } })).toContain('name');
	expect(say(z.strictObject({}), { other: 1 })).toContain('nobody knows here: other.');
	expect(say(z.object({}), undefined)).toBe('This request arrived damaged. Reload the page and try again.');
});

test('UX: a schema that has words of its own keeps them', () => {
	speakPlainly();
	const { error } = z.string().min(3, 'Three letters, please.').safeParse('a');
	expect(error?.issues[0]?.message).toBe('Three letters, please.');
});
