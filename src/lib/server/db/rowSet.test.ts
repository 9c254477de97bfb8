import { expect, test } from 'vitest';
import { PgDialect } from 'drizzle-orm/pg-core';
import { rowSet } from './rowSet.ts';

const dialect = new PgDialect();
const paramsOf = (rows: object[], columns: Parameters<typeof rowSet>[1]) =>
	dialect.sqlToQuery(rowSet(rows, columns)).params;

const columns = { own: { id: 'int', text: 'text' }, shared: { kind: 'text', day: 'date' } };

test('RELIABILITY 2.2: rows that agree in shared columns name one combination', () => {
	const rows = [
		{ id: 1, text: 'a', kind: 'x', day: null },
		{ id: 2, text: 'say "no" \\ {,}', kind: 'x', day: null },
		{ id: 3, text: null, kind: 'y', day: '2026-01-01' }
	];
	expect(paramsOf(rows, columns)).toEqual([
		'{0,0,1}',
		'{1,2,3}',
		'{"a","say \\"no\\" \\\\ {,}",null}',
		JSON.stringify([
			{ i: 0, kind: 'x', day: null },
			{ i: 1, kind: 'y', day: '2026-01-01' }
		])
	]);
});

test('RELIABILITY 2.2: values never run into each other when combinations are told apart', () => {
	const rows = [
		{ id: 1, text: '', kind: 'a;1:b', day: null },
		{ id: 2, text: '', kind: 'a', day: 'b;-' },
		{ id: 3, text: '', kind: 'null', day: null },
		{ id: 4, text: '', kind: null, day: null }
	];
	expect(paramsOf(rows, columns)[0]).toBe('{0,1,2,3}');
});

test('RELIABILITY 2.2: mixed columns go into arrays of their own when they differ too much', () => {
	const mixed = { own: { id: 'int' }, shared: { kind: 'text' }, mixed: { race: 'jsonb' } };
	const rows = (races: number) =>
		Array.from({ length: 200 }, (_, id) => ({ id, kind: 'x', race: JSON.stringify({ at: id % races }) }));
	expect(paramsOf(rows(3), mixed)).toHaveLength(3);
	const apart = paramsOf(rows(200), mixed);
	expect(apart).toHaveLength(4);
	expect(String(apart[2])).toContain('"{\\"at\\":199}"');
});
