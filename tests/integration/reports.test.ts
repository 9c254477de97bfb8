import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { deltasOf, type CountedEvent } from '../../src/lib/domain/enrollment/deltas.ts';
import { firstKey, type EventKind } from '../../src/lib/domain/enrollment/events.ts';
import { reportFilterSchema } from '../../src/lib/domain/report/filter.ts';
import { canonicalJson } from '../../src/lib/domain/plan/canonicalJson.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { checkReports } from '../../src/lib/server/reports/checkReports.ts';
import { drillDown } from '../../src/lib/server/reports/drillDown.ts';
import { foldAll, foldReports } from '../../src/lib/server/reports/foldReports.ts';
import { getFunnel } from '../../src/lib/server/reports/getFunnel.ts';
import { readCounts, recountEvents } from '../../src/lib/server/reports/readCounts.ts';
import { makeCadence } from '../support/cadences.ts';
import { days, draftOf, task } from '../support/draftOf.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';

type Happening = {
	run: number;
	kind: EventKind;
	action: string | null;
	detail: string | null;
	day: number;
	machine: boolean;
};

const depth: Record<string, number> = { a: 1, b: 2, c: 3 };
const dayOf = (n: number) => `2026-05-${String(n).padStart(2, '0')}`;

/** Three follow-ups, published; `runs` enrollments of leads whose owners alternate. */
async function setUp(db: TestDatabase, runs: number, owners: Actor[] = []) {
	const actor = await makeOrg(db);
	const people = [actor, ...(await Promise.all(owners.map(() => makeUser(db, actor.orgId, rep))))];
	return withOrg(db.web, actor.orgId, async (tx) => {
		const draft = draftOf({ a: task('A'), b: task('B'), c: task('C') }, [
			['start', 'entry', 'a'],
			['a', 'created', 'b', days(1)],
			['b', 'created', 'c', days(1)]
		]);
		const cadenceId = await makeCadence(tx, actor, 'Report', draft);
		const { versionId } = await publishCadence(tx, actor, { cadenceId, expectedVersion: null });
		const rows = Array.from({ length: runs }, (_, i) => ({
			id: newId(),
			record: newId(),
			name: `Lead ${i}`,
			owner: people[i % people.length]!.userId
		}));
		await tx.execute(sql`
			insert into records (org_id, id, module_id, name, owner_id, data)
			select ${actor.orgId}, r.record, m.id, r.name, r.owner, '{}'
			from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(record uuid, name text, owner uuid)
			join modules m on m.org_id = ${actor.orgId} and m.key = 'leads'`);
		return { actor, people, cadenceId, versionId, runs: rows };
	});
}
type World = Awaited<ReturnType<typeof setUp>>;

/** Writes events and deltas the way the engine's batches do: in order, `first` by key, depth per run. */
async function record(tx: OrgTx, world: World, happenings: readonly Happening[]) {
	const seen = new Set<string>();
	const deepest = new Map<number, number>();
	const events = happenings.map((one) => {
		const run = world.runs[one.run]!;
		const key = `${one.run}\n${firstKey({ ...one, actionId: one.action })}`;
		const followUp = one.action === null ? null : depth[one.action]!;
		const event = {
			orgId: world.actor.orgId,
			cadenceId: world.cadenceId,
			versionId: world.versionId,
			enrollmentId: run.id,
			recordId: run.record,
			actionId: one.action,
			kind: one.kind,
			detail: one.detail,
			first: !seen.has(key),
			machine: one.machine,
			day: dayOf(one.day),
			enrolledDay: dayOf(1 + (one.run % 5)),
			followUp,
			depthBefore: deepest.get(one.run) ?? 0
		} satisfies CountedEvent & Record<string, unknown>;
		seen.add(key);
		if (one.kind === 'executed' || one.kind === 'skipped')
			deepest.set(one.run, Math.max(deepest.get(one.run) ?? 0, followUp ?? 0));
		return event;
	});
	await tx.execute(sql`
		insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, action_id, follow_up, kind,
			detail, first, machine, enrolled_day, day)
		select e."orgId", e.day::timestamptz + make_interval(secs => e.i), e."cadenceId", e."versionId", e."enrollmentId", 1,
			e."recordId", e."actionId", e."followUp", e.kind, e.detail, e.first, e.machine, e."enrolledDay", e.day
		from jsonb_to_recordset(${JSON.stringify(events.map((event, i) => ({ ...event, i })))}::jsonb) as e(i int, "orgId" uuid,
			"cadenceId" uuid, "versionId" uuid, "enrollmentId" uuid, "recordId" uuid, "actionId" text, "followUp" int,
			kind text, detail text, first boolean, machine boolean, "enrolledDay" date, day date)`);
	await tx.execute(sql`
		insert into report_deltas (org_id, cadence_id, version_id, action_id, kind, detail, first, machine, day, enrolled_day, count)
		select d."orgId", d."cadenceId", d."versionId", d."actionId", d.kind, d.detail, d.first, d.machine, d.day,
			d."enrolledDay", d.count
		from jsonb_to_recordset(${JSON.stringify(deltasOf(events))}::jsonb) as d("orgId" uuid, "cadenceId" uuid,
			"versionId" uuid, "actionId" text, kind text, detail text, first boolean, machine boolean, day date,
			"enrolledDay" date, count int)`);
}

const runs = 12;
/** Histories in order of days; executed and skipped at most once per run and action, as EXE-1 has it. */
const histories: fc.Arbitrary<Happening[]> = fc
	.array(
		fc.record({
			run: fc.nat(runs - 1),
			kind: fc.constantFrom<EventKind>(
				'enrolled',
				'executed',
				'skipped',
				'status',
				'overdue',
				'opened',
				'unenrolled',
				'failed',
				'completed',
				'paused'
			),
			action: fc.constantFrom('a', 'b', 'c'),
			value: fc.constantFrom('Waiting', 'Completed', 'In progress'),
			day: fc.integer({ min: 6, max: 28 }),
			machine: fc.boolean()
		}),
		{ maxLength: 150 }
	)
	.map((list) => {
		const once = new Set<string>();
		const ofRun: EventKind[] = ['enrolled', 'unenrolled', 'failed', 'completed', 'paused'];
		return list
			.sort((a, b) => a.day - b.day)
			.map(({ value, ...one }): Happening => {
				const isRun = ofRun.includes(one.kind);
				return {
					...one,
					action: isRun ? null : one.action,
					detail: one.kind === 'status' ? value : isRun ? 'manual' : null,
					machine: one.kind === 'opened' && one.machine
				};
			})
			.filter(({ kind, run, action }) => {
				const step = kind === 'executed' || kind === 'skipped';
				const key = step
					? `${run}/${action}`
					: kind === 'opened' || kind === 'status'
						? ''
						: `${run}/${action}/${kind}`;
				if (!key) return true;
				if (once.has(key)) return false;
				once.add(key);
				return true;
			});
	});
const sorted = (rows: readonly unknown[]) => rows.map(canonicalJson).sort();

describe('REP-3: each number equals a plain count over the log', () => {
	test(
		'REP-3: rollup and tail equal a recount, however much is folded, for every filter',
		{ timeout: 120_000 },
		async ({ db }) => {
			const world = await setUp(db, runs);
			const { orgId } = world.actor;
			await fc.assert(
				fc.asyncProperty(histories, fc.nat(60), fc.boolean(), async (happenings, folded, byDay) => {
					await db.admin.execute(sql`truncate events, report_deltas, report_counts`);
					await withOrg(db.web, orgId, (tx) => record(tx, world, happenings));
					await foldReports(db.worker, { limit: folded });
					const filters = [
						{ cadenceId: world.cadenceId },
						{
							cadenceId: world.cadenceId,
							mode: byDay ? 'happened' : 'enrolled',
							from: dayOf(2),
							to: dayOf(14)
						},
						{ cadenceId: world.cadenceId, versionId: world.versionId, to: dayOf(4) }
					] as const;
					await withOrg(db.web, orgId, async (tx) => {
						for (const filter of filters.map((one) => reportFilterSchema.parse(one)))
							expect(sorted(await readCounts(tx, orgId, filter))).toEqual(
								sorted(await recountEvents(tx, orgId, filter))
							);
					});
				}),
				{ numRuns: Number(process.env['REPORT_RUNS'] ?? 8) }
			);
		}
	);

	test('REP-3: the funnel counts runs; machine events stand apart', async ({ db }) => {
		const world = await setUp(db, 4);
		const say = (
			run: number,
			kind: EventKind,
			action: string | null,
			detail: string | null = null,
			machine = false
		) => ({
			run,
			kind,
			action,
			detail,
			machine,
			day: 10
		});
		await withOrg(db.web, world.actor.orgId, async (tx) => {
			await record(tx, world, [
				...[0, 1, 2, 3].map((run) => say(run, 'enrolled', null, 'manual')),
				say(0, 'executed', 'a'),
				say(1, 'executed', 'a'),
				say(2, 'skipped', 'a', 'opt_out'),
				say(0, 'status', 'a', 'Waiting'),
				say(0, 'status', 'a', 'Completed'),
				say(1, 'status', 'a', 'Waiting'),
				say(1, 'status', 'a', 'Waiting'),
				say(1, 'opened', 'a', null, true),
				// A join: this run comes to C without B.
				say(0, 'executed', 'c'),
				say(0, 'completed', null, 'completed'),
				say(1, 'unenrolled', null, 'criteria'),
				say(2, 'failed', null, 'missing_address')
			]);
			const funnel = await getFunnel(tx, world.actor, { cadenceId: world.cadenceId });
			expect(funnel).toMatchObject({
				enrolled: 4,
				reached: [
					{ followUp: 1, runs: 3 },
					{ followUp: 2, runs: 1 },
					{ followUp: 3, runs: 1 }
				],
				completed: 1,
				unenrolled: 1,
				unenrolledBy: [{ value: 'criteria', runs: 1 }],
				failed: 1,
				failedBy: [{ value: 'missing_address', runs: 1 }]
			});
			const [a, b, c] = funnel.actions;
			expect([a?.id, b?.id, c?.id]).toEqual(['a', 'b', 'c']);
			expect(a).toMatchObject({
				executed: 2,
				skipped: 1,
				skippedBy: [{ value: 'opt_out', runs: 1 }],
				values: [
					{ value: 'Waiting', runs: 2 },
					{ value: 'Completed', runs: 1 }
				],
				figures: { status: { events: 4 } },
				machine: { opened: 1, clicked: 0 },
				current: true
			});
			expect(a?.figures.opened).toBeUndefined();
			expect([b?.executed, c?.executed]).toEqual([0, 1]);
		});
	});

	test('REP-3: two folders at once lose and double nothing', async ({ db }) => {
		const world = await setUp(db, 30);
		const { orgId } = world.actor;
		for (let i = 0; i < 30; i++)
			await withOrg(db.web, orgId, (tx) =>
				record(tx, world, [
					{ run: i, kind: 'enrolled', action: null, detail: 'manual', machine: false, day: 7 },
					{ run: i, kind: 'executed', action: 'a', detail: null, machine: false, day: 7 }
				])
			);
		await Promise.all([
			foldReports(db.worker, { limit: 40 }),
			foldReports(db.worker, { limit: 40 }),
			foldAll(db.worker)
		]);
		await foldAll(db.worker);
		await withOrg(db.web, orgId, async (tx) => {
			const left = await tx.execute(sql`select count(*)::int as n from report_deltas`);
			expect(left[0]).toEqual({ n: 0 });
			expect(await getFunnel(tx, world.actor, { cadenceId: world.cadenceId })).toMatchObject({
				enrolled: 30,
				reached: [{ followUp: 1, runs: 30 }]
			});
			expect(await checkReports(tx, world.actor, { cadenceId: world.cadenceId })).toEqual([]);
			await tx.execute(sql`update report_counts set count = count + 1 where kind = 'enrolled'`);
			expect(await checkReports(tx, world.actor, { cadenceId: world.cadenceId })).toMatchObject([
				{ kind: 'enrolled', report: 35, log: 30 }
			]);
		});
	});
});

describe('REP-1: drill-down and visibility', () => {
	const enrolled = (run: number): Happening => ({
		run,
		kind: 'enrolled',
		action: null,
		detail: 'manual',
		machine: false,
		day: 6 + run
	});

	test('REP-1: the records behind a number are as many as the number, page by page', async ({ db }) => {
		const world = await setUp(db, 9);
		await withOrg(db.web, world.actor.orgId, async (tx) => {
			await record(tx, world, [
				...Array.from({ length: 9 }, (_, run) => enrolled(run)),
				...[0, 1, 2].map((run): Happening => ({
					...enrolled(run),
					kind: 'executed',
					action: 'a',
					detail: null,
					day: 20
				})),
				{ ...enrolled(0), kind: 'executed', action: 'b', detail: null, day: 21 }
			]);
			const filter = { cadenceId: world.cadenceId };
			const names: string[] = [];
			for (let cursor: { at: string; id: number } | null = null, page = 0; page < 4; page++) {
				const found = await drillDown(tx, world.actor, { filter, kind: 'enrolled', limit: 4, cursor });
				names.push(...found.rows.map((row) => row.recordName));
				cursor = found.next;
				if (!cursor) break;
			}
			expect(names).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => `Lead ${n}`));
			const reached = (detail: string) => drillDown(tx, world.actor, { filter, kind: 'reached', detail });
			expect((await reached('1')).rows).toHaveLength(3);
			expect((await reached('2')).rows.map((row) => row.recordName)).toEqual(['Lead 0']);
			const days = { ...filter, mode: 'happened', from: dayOf(7), to: dayOf(8) } as const;
			expect((await drillDown(tx, world.actor, { filter: days, kind: 'enrolled' })).rows).toHaveLength(2);
			expect((await getFunnel(tx, world.actor, days)).enrolled).toBe(2);
		});
	});

	test('PER-3: who sees their own records gets their own figures, in the funnel and behind it', async ({
		db
	}) => {
		const world = await setUp(db, 10, [{} as Actor]);
		const other = world.people[1]!;
		await withOrg(db.web, world.actor.orgId, async (tx) => {
			await record(tx, world, [
				...Array.from({ length: 10 }, (_, run) => enrolled(run)),
				{ ...enrolled(1), kind: 'executed', action: 'a', detail: null, day: 22 },
				{ ...enrolled(2), kind: 'executed', action: 'a', detail: null, day: 22 }
			]);
			const filter = { cadenceId: world.cadenceId };
			expect(await getFunnel(tx, world.actor, filter)).toMatchObject({
				enrolled: 10,
				reached: [{ runs: 2 }]
			});
			expect(await getFunnel(tx, other, filter)).toMatchObject({ enrolled: 5, reached: [{ runs: 1 }] });
			expect((await drillDown(tx, other, { filter, kind: 'enrolled' })).rows).toHaveLength(5);
			const byOwner = { ...filter, ownerId: world.actor.userId };
			expect(await getFunnel(tx, world.actor, byOwner)).toMatchObject({ enrolled: 5 });
			expect(await getFunnel(tx, other, byOwner)).toMatchObject({ enrolled: 0 });
			await expect(
				getFunnel(tx, world.actor, { ...filter, from: '2026-05-09', to: '2026-05-01' })
			).rejects.toThrow('first day');
		});
	});
});
