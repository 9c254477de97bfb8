import { sql } from 'drizzle-orm';
import type { TestDatabase } from '../../support/clone.ts';

/** Whole steps: a mail is at most so much later than its time. */
const STEP_MINUTES = 1;
/** A trigger looks at the clock after its statement has changed hundreds of rows. */
const TRIGGER_MINUTES = 1 / 60;

/** Each change of state in the outbox, with the database's clock. */
export async function noteAttempts(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`
		create table attempts (id uuid, status text, attempt int, not_before timestamptz, wait_reason text, at timestamptz)`);
	await db.admin.execute(sql`
		create function note_attempt() returns trigger language plpgsql security definer as $$ begin
			insert into attempts values (new.id, new.status, new.attempt, case when new.status = 'claimed' then old.not_before
				else new.not_before end, new.wait_reason, app.now());
			return null;
		end $$`);
	await db.admin.execute(sql`
		create trigger note_attempt after update of status on messages for each row when (old.status <> new.status)
		execute function note_attempt()`);
}

/** Sets the database's clock to when something is due, in steps of a minute at least; how many minutes that were. */
export async function shiftBy(db: TestDatabase, orgId: string, atMost: number): Promise<number> {
	const [row] = await db.admin.execute<{ minutes: number }>(sql`
		select ceil(greatest(extract(epoch from min(not_before) - app.now()) / 60, ${STEP_MINUTES}))::int as minutes
		from messages where org_id = ${orgId} and status = 'queued'`);
	const minutes = Math.min(row?.minutes ?? atMost, atMost);
	await db.admin.execute(sql`update app.clock set shift = shift + make_interval(mins => ${minutes})`);
	return minutes;
}

/** Sets the database's clock to when everything that waits is due. */
export const shiftToLast = (db: TestDatabase, orgId: string) =>
	db.admin.execute(sql`
		update app.clock set shift = shift + (select max(not_before) - app.now() + interval '1 second' from messages
			where org_id = ${orgId} and status = 'queued')`);

export type Attempts = {
	attempts: number;
	waits: number;
	offSchedule: number;
	tooEarly: number;
	fullestSecond: number;
	fullestSecondAfterFailure: number;
	sent: number;
};

/** RELIABILITY.md 2.6: 1 m, 5 m, 15 m, 1 h, 4 h, then every 4 h, +-20 %. */
export async function readAttempts(db: TestDatabase, orgId: string): Promise<Attempts> {
	const [row] = await db.admin.execute<Attempts>(sql`
		with waits as (
			select extract(epoch from not_before - at) / 60 as minutes,
				(array[1, 5, 15, 60, 240])[least(attempt, 5)] as step
			from attempts where status = 'queued' and wait_reason = 'relay'
		), tried as (
			-- When a mail could have been tried at the earliest: the minutes of the campaign's clock do not blur it.
			select a.attempt, a.not_before, a.at, exists (select 1 from attempts s where s.id = a.id and s.attempt = a.attempt
				and s.status = 'sent') as went_out
			from attempts a where a.status = 'claimed' and a.attempt > 1
		)
		select (select count(*) from attempts where status = 'claimed')::int as attempts,
			(select count(*) from waits)::int as waits,
			(select count(*) from waits where minutes not between step * 0.8 - ${TRIGGER_MINUTES} and step * 1.2 + ${TRIGGER_MINUTES})::int as "offSchedule",
			(select count(*) from tried where at < not_before)::int as "tooEarly",
			(select coalesce(max(n), 0) from (select count(*) as n from tried where went_out
				group by date_trunc('second', not_before)) x)::int as "fullestSecond",
			(select coalesce(max(n), 0) from (select count(*) as n from tried where not went_out
				group by date_trunc('second', not_before)) x)::int as "fullestSecondAfterFailure",
			(select count(*) from messages where org_id = ${orgId} and status = 'sent')::int as sent`);
	return row!;
}
