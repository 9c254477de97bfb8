import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type SQL } from 'drizzle-orm';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import type { TestDatabase } from '../../support/clone.ts';
import {
	branch,
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	task,
	type World
} from '../../support/engineWorld.ts';

export type Load = { world: World; cadenceId: string; ids: string[] };

/** Four steps each: mail, task, mail, task; each as soon as the one before is done. */
export async function makeLoad(db: TestDatabase, enrollments: number): Promise<Load> {
	const world = await makeWorld(db);
	const { orgId, templateId, senderId } = world;
	await db.admin.execute(sql`update organizations set emails_per_day = 1000000 where id = ${orgId}`);
	const config = { templateId, sender: { kind: 'sender' as const, senderId } };
	const plan = planOf([
		email('mail1', [branch('mail1', { response: 'sent' }, 'task1')], config),
		task('task1', [branch('task1', { response: 'created' }, 'mail2')]),
		email('mail2', [branch('mail2', { response: 'sent' }, 'task2')], config),
		task('task2')
	]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: enrollments }, (_, i) => ({ data: { email: `load${i}@people.example` } }))
	);
	return { world, cadenceId, ids };
}

const SET = 20;

/**
 * Enrolls everybody, evenly over the given time, as a client does that tries again until it has an answer. Work is
 * there as long as the faults last.
 * @returns how often it had to try again
 */
export async function enrollEvenly(
	db: TestDatabase,
	{ world, cadenceId, ids }: Load,
	overMs: number
): Promise<number> {
	const startedAt = Date.now();
	let again = 0;
	for (let at = 0; at < ids.length; at += SET) {
		await sleep(Math.max(0, startedAt + (at / ids.length) * overMs - Date.now()));
		for (;;) {
			try {
				await withOrg(db.web, world.orgId, (tx) =>
					enrollRecords(tx, world.actor, { cadenceId, records: { ids: ids.slice(at, at + SET) } })
				);
				break;
			} catch {
				again++;
				await sleep(100);
			}
		}
	}
	return again;
}

/** Runs that did exactly what the plan says: once each, in order, and nothing else. */
export async function countRight(db: TestDatabase, { world: { orgId } }: Load): Promise<number> {
	// Each table once: per run it would be thousands of look-ups, without statistics through the whole table each.
	const [row] = await db.admin.execute<{ n: number }>(sql`
		with actions as (
			select enrollment_id, array_agg(action_id || ' ' || status order by action_id) as done from action_runs
			where org_id = ${orgId} group by 1
		), mails as (
			select enrollment_id, count(*) as n, count(*) filter (where status in ('sent', 'unknown')) as out from messages
			where org_id = ${orgId} group by 1
		), tasks as (
			select enrollment_id, count(*) as n from activities where org_id = ${orgId} group by 1
		), logged as (
			select enrollment_id, count(*) as n from events where org_id = ${orgId}
				and (kind = 'sent' or kind = 'executed' and action_id like 'task%') group by 1
		)
		select count(*)::int as n from enrollments e
		join actions a on a.enrollment_id = e.id join mails m on m.enrollment_id = e.id
		join tasks t on t.enrollment_id = e.id join logged v on v.enrollment_id = e.id
		where e.org_id = ${orgId} and e.status = 'completed' and e.done = '["mail1", "task1", "mail2", "task2"]'
			and a.done = array['mail1 executed', 'mail2 executed', 'task1 executed', 'task2 executed']
			and m.n = 2 and m.out = 2 and t.n = 2 and v.n = 4`);
	return row!.n;
}

/**
 * The longest time from a start of the server to the first step after it, among those that had work waiting: people
 * enrolled before the next stop. After the last of them, what is open can be in a lease of minutes.
 */
export async function slowestResume(db: TestDatabase, starts: readonly number[]): Promise<number> {
	let slowest = 0;
	for (const [i, at] of starts.entries()) {
		const until = starts[i + 1] ?? at + 60_000;
		const between = (column: SQL) =>
			sql`${column} > to_timestamp(${at / 1000}::float8) and ${column} < to_timestamp(${until / 1000}::float8)`;
		const [row] = await db.admin.execute<{ ms: number | null; enrolled: boolean }>(sql`
			select (select extract(epoch from min(started_at))::float8 * 1000 - ${at} from action_runs
					where ${between(sql`started_at`)}) as ms,
				exists (select from enrollments where ${between(sql`enrolled_at`)}) as enrolled`);
		// Nothing at all until the next stop is as bad as can be.
		if (row!.enrolled) slowest = Math.max(slowest, row!.ms ?? until - at);
	}
	return Math.round(slowest);
}
