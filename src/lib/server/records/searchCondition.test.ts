import { PgDialect } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import { nameBegins } from './searchCondition.ts';

const bounds = (text: string) => new PgDialect().sqlToQuery(nameBegins(text)).params;

test('CRM-7: names that begin so lie between the text and what sorts behind all of them', () => {
	expect(bounds(' Ada ')).toEqual(['ada', 'adb']);
	expect(bounds('x\ud7ff')).toEqual(['x\ud7ff', 'x\ue000']);
});

test('CRM-7: a letter with nothing behind it is searched like any other', () => {
	expect(bounds('ab\u{10ffff}')).toEqual(['ab\u{10ffff}', 'ac']);
	expect(bounds('\u{10ffff}')).toEqual(['\u{10ffff}']);
});
