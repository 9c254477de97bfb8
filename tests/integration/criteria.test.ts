import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { checkCriteria } from '../../src/lib/domain/criteria/checkCriteria.ts';
import type { Condition, Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import { comparedAsOf, operandOf, operatorsOf } from '../../src/lib/domain/criteria/operators.ts';
import { allFields, type FieldDefinition, type ModuleDefinition } from '../../src/lib/domain/crm/fields.ts';
import { compileCriteria, compileWhere } from '../../src/lib/server/criteria/compileCriteria.ts';
import { readOnce, type SharedValues } from '../../src/lib/server/criteria/sharedValues.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { createField } from '../../src/lib/server/modules/createField.ts';
import { getModule } from '../../src/lib/server/modules/getModule.ts';
import { insertRecords } from '../../src/lib/server/records/insertRecords.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { matches, type NaiveRecord } from '../support/naiveCriteria.ts';

/** Random criteria per organization; a night may want thousands. */
const criteriaRuns = Number(process.env['CRITERIA_RUNS'] ?? 100);
const users = ['01900000-0000-7000-8000-00000000000a', '01900000-0000-7000-8000-00000000000b'];
const words = [
	'Ada',
	'ada l',
	'Bo_b',
	'100%',
	"O'Hara",
	'x\\y',
	'Zürich',
	'"; drop table records; --',
	'$1',
	'東京'
];
const choices = ['Hot', 'Warm', 'Cold', "it's"];
const numbers = [-3, 0, 0.1, 1.5, 2, 10, 1e6];

/** Days around a "now", near enough that every relative operator is met on both of its edges. */
const dayNear = (now: string, zone: string) =>
	fc
		.integer({ min: -12, max: 12 })
		.map((n) =>
			Temporal.Instant.from(now).toZonedDateTimeISO(zone).toPlainDate().add({ days: n }).toString()
		);
const instantNear = (now: string) =>
	fc
		.integer({ min: -240, max: 240 })
		.map((n) => new Date(Date.parse(now) + n * 3_600_000 + (n % 7) * 60_000).toISOString());

function valueOf(field: FieldDefinition, now: string, zone: string): fc.Arbitrary<unknown> {
	switch (comparedAsOf(field.type)) {
		case 'text':
			return fc.constantFrom(...words);
		case 'number':
			return fc.constantFrom(...numbers);
		case 'date':
			return field.type === 'date' ? dayNear(now, zone) : instantNear(now);
		case 'boolean':
			return fc.boolean();
		case 'list':
			return fc.subarray(choices);
		case 'reference':
			return fc.constantFrom(...users);
	}
}

function conditionOf(field: FieldDefinition, now: string, zone: string): fc.Arbitrary<Condition> {
	const one = (): fc.Arbitrary<string | number> => {
		const kind = comparedAsOf(field.type);
		if (kind === 'number') return fc.constantFrom(...numbers);
		if (kind === 'date') return dayNear(now, zone);
		if (kind === 'list') return fc.constantFrom(...choices);
		return fc.constantFrom(...(kind === 'reference' ? users : [...words, 'a', '%', '_', '\\']));
	};
	return fc.constantFrom(...operatorsOf(field.type)).chain((op): fc.Arbitrary<Condition> => {
		const withValue = (value: fc.Arbitrary<Condition['value']>) =>
			value.map((v) => ({ field: field.key, op, value: v }));
		switch (operandOf(op)) {
			case 'none':
				return fc.constant({ field: field.key, op });
			case 'one':
				return withValue(one());
			case 'pair':
				return withValue(fc.tuple(one(), one()));
			case 'list':
				return withValue(fc.array(one(), { minLength: 1, maxLength: 3 }));
			case 'days':
				return withValue(fc.integer({ min: 1, max: 9 }));
			case 'signedDays':
				return withValue(fc.integer({ min: -9, max: 9 }));
		}
	});
}

function criteriaOf(fields: readonly FieldDefinition[], now: string, zone: string): fc.Arbitrary<Criteria> {
	const condition = fc.constantFrom(...fields).chain((field) => conditionOf(field, now, zone));
	return fc.letrec<{ tree: Criteria }>((tie) => ({
		tree: fc.oneof(
			{ depthSize: 'small', maxDepth: 3 },
			condition,
			fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
			fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) })
		)
	})).tree;
}

/** A module with a field of every type. */
async function moduleWithAllTypes(db: TestDatabase, timeZone: string) {
	const actor = await makeOrg(db, { timeZone });
	const module = await withOrg(db.web, actor.orgId, async (tx): Promise<ModuleDefinition> => {
		const add = (label: string, type: Parameters<typeof createField>[2]['type'], options: string[] = []) =>
			createField(tx, actor, { moduleKey: 'leads', label, type, options });
		await add('Score', 'percent');
		await add('Birthday', 'date');
		await add('Last seen', 'dateTime');
		await add('Vip', 'boolean');
		await add('Interests', 'multiPicklist', choices);
		await add('Coach', 'user');
		return getModule(tx, 'leads');
	});
	const keys = ['city', 'rating', 'score', 'birthday', 'lastSeen', 'vip', 'interests', 'coach'];
	const system = ['owner', 'createdAt', 'tags', 'emailOptOut', 'timeZone'];
	const fields = allFields(module).filter((field) => [...keys, ...system].includes(field.key));
	return { actor, module, fields };
}

test(
	'CRM-6: compiled SQL agrees with a naive evaluator on random records and criteria',
	{ timeout: 120_000 },
	async ({ db }) => {
		for (const [zone, now] of [
			['America/New_York', '2026-03-08T04:30:00.000Z'], // the evening before the clocks change
			['Asia/Kolkata', '2026-12-31T19:00:00.000Z'] // already next year there
		] as const) {
			const { actor, module, fields } = await moduleWithAllTypes(db, zone);
			const recordArbitrary = fc.record(
				Object.fromEntries(fields.map((field) => [field.key, valueOf(field, now, zone)])),
				{ requiredKeys: ['owner', 'createdAt'] }
			);
			const samples = fc.sample(recordArbitrary, { numRuns: 120, seed: 7 }) as NaiveRecord[];
			const ids = await withOrg(db.admin, actor.orgId, (tx) =>
				insertRecords(
					tx,
					module,
					samples.map(({ owner, createdAt, tags, emailOptOut, timeZone, ...data }) => ({
						ownerId: String(owner),
						createdAt: new Date(String(createdAt)),
						createdBy: null,
						tags: (tags ?? []) as string[],
						emailOptOut: emailOptOut === true,
						timeZone: (timeZone ?? null) as string | null,
						data: data as Record<string, string>
					}))
				)
			);
			await db.admin.execute(sql`update app.clock set shift = ${now}::text::timestamptz - clock_timestamp()`);
			const context = { orgTimeZone: zone, userId: users[0]! };
			await fc.assert(
				fc.asyncProperty(criteriaOf(fields, now, zone), async (criteria) => {
					expect(checkCriteria(criteria, module)).toEqual([]);
					const shared: SharedValues = new Map();
					const together = compileCriteria(criteria, module, { ...context, shared });
					const rows = await withOrg(db.web, actor.orgId, (tx) =>
						tx.execute<{ id: string; found: boolean; together: boolean; listed: boolean }>(sql`
						select r.id, ${compileCriteria(criteria, module, context)} as found, ${together} as together,
							exists (select 1 from records x where x.id = r.id and x.id in (
								select r.id from records r where ${compileWhere(criteria, module, context)})) as listed
						from records r ${readOnce(shared)} where r.module_id = ${module.id}`)
					);
					const bySql = new Map([...rows].map((row) => [row.id, [row.found, row.together, row.listed]]));
					samples.forEach((record, index) => {
						const expected = matches(criteria, record, fields, { now, zone, userId: users[0]! });
						expect(bySql.get(ids[index]!), JSON.stringify({ criteria, record })).toEqual([
							expected,
							expected,
							expected
						]);
					});
				}),
				{ numRuns: criteriaRuns }
			);
			await db.admin.execute(sql`update app.clock set shift = '0'`);
		}
	}
);

test('CRM-6: blank values match the negatives and nothing else', async ({ db }) => {
	const { actor, module, fields } = await moduleWithAllTypes(db, 'UTC');
	await withOrg(db.admin, actor.orgId, (tx) =>
		insertRecords(tx, module, [{ ownerId: actor.userId, createdBy: null, data: { city: null } }])
	);
	const one: Partial<Record<string, Condition['value']>> = {
		score: 1,
		birthday: '2026-01-01',
		lastSeen: '2026-01-01'
	};
	const found: string[] = [];
	for (const field of fields.filter((candidate) => candidate.origin !== 'system'))
		for (const op of operatorsOf(field.type)) {
			const value = one[field.key] ?? (field.type === 'user' ? users[0]! : 'Hot');
			const shape = operandOf(op);
			const operand =
				shape === 'pair'
					? [value, value]
					: shape === 'list'
						? [value]
						: shape === 'days' || shape === 'signedDays'
							? 3
							: value;
			const criteria = { field: field.key, op, ...(shape !== 'none' && { value: operand }) } as Condition;
			const [row] = await withOrg(db.web, actor.orgId, (tx) =>
				tx.execute<{ yes: boolean }>(sql`
					select ${compileCriteria(criteria, module, { orgTimeZone: 'UTC', userId: users[0]! })} as yes
					from records r where r.module_id = ${module.id}`)
			);
			if (row!.yes) found.push(op);
		}
	expect(new Set(found)).toEqual(new Set(['isNot', 'notContains', 'notIn', 'hasNone', 'empty', 'isFalse']));
});

test('CRM-6: the first and the last day that a date can name are bounds like any other', async ({ db }) => {
	for (const timeZone of ['Asia/Tokyo', 'America/New_York']) {
		const { actor, module, fields } = await moduleWithAllTypes(db, timeZone);
		const of = (birthday: string, lastSeen: string): NaiveRecord => ({ birthday, lastSeen });
		const records = [
			of('9999-12-31', '9999-12-31T12:00:00.000Z'),
			of('9999-12-30', '9999-12-30T12:00:00.000Z'),
			of('2026-05-31', '2026-05-31T12:00:00.000Z'),
			of('0001-01-02', '0001-01-02T12:00:00.000Z')
		];
		const ids = await withOrg(db.admin, actor.orgId, (tx) =>
			insertRecords(
				tx,
				module,
				records.map((data) => ({
					ownerId: actor.userId,
					createdBy: null,
					data: data as Record<string, string>
				}))
			)
		);
		const days = ['9999-12-31', '9999-12-30', '0001-01-01', '0001-01-02'];
		const conditions = ['birthday', 'lastSeen'].flatMap((field) =>
			days.flatMap((day): Condition[] => [
				...(['is', 'isNot', 'lt', 'lte', 'gt', 'gte'] as const).map((op) => ({ field, op, value: day })),
				{ field, op: 'between', value: ['0001-01-01', day] },
				{ field, op: 'between', value: [day, '9999-12-31'] }
			])
		);
		const context = { now: '2026-05-31T12:00:00Z', zone: timeZone, userId: actor.userId };
		for (const condition of conditions) {
			const where = compileCriteria(condition, module, { orgTimeZone: timeZone });
			const rows = await withOrg(db.web, actor.orgId, (tx) =>
				tx.execute<{ id: string }>(
					sql`select r.id from records r where r.module_id = ${module.id} and ${where}`
				)
			);
			const expected = ids.filter((_, i) => matches(condition, records[i]!, fields, context));
			expect(rows.map(({ id }) => id).sort(), `${timeZone} ${JSON.stringify(condition)}`).toEqual(
				[...expected].sort()
			);
		}
	}
});

test('CRM-6: whatever a record holds in a field, no condition throws: one stray value would stop a pass over all', async ({
	db
}) => {
	const { actor, module, fields } = await moduleWithAllTypes(db, 'UTC');
	const own = fields.filter((field) => field.origin !== 'system');
	const stray = [
		...[
			'Hot',
			'',
			' ',
			'12',
			'12,5',
			'1e9',
			'NaN',
			'2026-02-31',
			'2026-01-01',
			'infinity',
			'true',
			users[0]!,
			'東京'
		],
		...['[]', '{}', 'x'.repeat(40_000), '\u0001'].map(String),
		...[0, -3, 1e308, 5e-324, true, false, null],
		...[[], [null], ['Hot'], [['Hot']], [1, true], {}, { a: 1 }, { Hot: 'Hot' }]
	];
	const text = [
		...stray.map((value) => JSON.stringify(value)),
		`1${'0'.repeat(2_000)}`,
		`0.${'0'.repeat(2_000)}1`
	];
	const whole = ['[]', '"Hot"', '12', 'null', '["city"]'];
	await db.admin.execute(sql`
		insert into records (org_id, id, module_id, name, owner_id, data)
		select ${actor.orgId}::uuid, app.new_id(), ${module.id}::uuid, 'Stray', ${actor.userId}::uuid, data
		from (select jsonb_object_agg(key, v::jsonb) as data
			from unnest(${sql.param(text)}::text[]) v, unnest(${sql.param(own.map(({ key }) => key))}::text[]) key group by v
			union all select v::jsonb from unnest(${sql.param(whole)}::text[]) v) d`);
	const context = { orgTimeZone: 'UTC', userId: users[0]! };
	const conditions = own.flatMap((field) =>
		fc.sample(conditionOf(field, '2026-01-01T10:00:00.000Z', 'UTC'), { numRuns: 60, seed: 3 })
	);
	for (const field of ['birthday', 'lastSeen']) {
		conditions.push({ field, op: 'between', value: ['0001-01-01', '9999-12-31'] });
		for (const value of [-36_500, 36_500]) conditions.push({ field, op: 'afterToday', value });
	}
	for (const value of [Number.MAX_VALUE, Number.MIN_VALUE])
		conditions.push({ field: 'score', op: 'between', value: [-value, value] });
	expect(conditions.flatMap((one) => checkCriteria(one, module))).toEqual([]);
	expect(new Set(conditions.map(({ field, op }) => `${field} ${op}`)).size).toBeGreaterThan(60);
	const shared: SharedValues = new Map();
	const alone = conditions.map((one) => compileCriteria(one, module, context));
	const together = conditions.map((one) => compileCriteria(one, module, { ...context, shared }));
	const [row] = await withOrg(db.web, actor.orgId, (tx) =>
		tx.execute<{ records: number; same: boolean }>(sql`
			select count(*)::int as records,
				bool_and(array[${sql.join(alone, sql`, `)}] = array[${sql.join(together, sql`, `)}]) as same
			from records r ${readOnce(shared)} where r.module_id = ${module.id}`)
	);
	expect(shared.size).toBe(own.length);
	expect(row).toEqual({ records: text.length + whole.length, same: true });
});

test('CRM-6: values and field names are never part of a statement', async ({ db }) => {
	const { actor, module } = await moduleWithAllTypes(db, 'UTC');
	const hostile = `x' or '1'='1`;
	const run = (criteria: Criteria) =>
		withOrg(db.web, actor.orgId, (tx) =>
			tx.execute(sql`select 1 from records r where ${compileWhere(criteria, module, { orgTimeZone: 'UTC' })}`)
		);
	expect([...(await run({ field: 'city', op: 'is', value: hostile }))]).toEqual([]);
	await expect(run({ field: hostile, op: 'empty' })).rejects.toMatchObject({
		code: 'invalid',
		pointer: '/field'
	});
	await expect(run({ all: [{ field: 'owner', op: 'currentUser' }] })).rejects.toMatchObject({
		code: 'invalid'
	});
});
