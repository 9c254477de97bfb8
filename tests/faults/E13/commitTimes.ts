import { sql } from 'drizzle-orm';
import type { Executor } from '../../../src/lib/server/db/client.ts';
import type { TestDatabase } from '../../support/clone.ts';

/** What a cluster needs so that commits can be compared. */
export const commitSettings = ['track_commit_timestamp=on'];

/** Triggers of the campaign: the transaction of each `sending` and of each step, for their commit times. */
export async function noteCommits(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`create table starts (kind text, id uuid, xid xid)`);
	await db.admin.execute(sql`create table stops (n int, kind text, xid xid)`);
	await db.admin.execute(sql`grant insert on stops to app_web`);
	await db.admin.execute(sql`
		create function note_start() returns trigger language plpgsql security definer as $$ begin
			insert into starts values (tg_argv[0], new.id, pg_current_xact_id()::xid);
			return null;
		end $$`);
	await db.admin.execute(sql`
		create trigger note_sending after update of status on messages for each row
		when (old.status <> 'sending' and new.status = 'sending') execute function note_start('sending')`);
	await db.admin.execute(sql`
		create trigger note_step after insert on action_runs for each row execute function note_start('step')`);
}

/** Part of the transaction that stops or restarts the cadence. */
export const noteStop = (tx: Executor, n: number, kind: 'off' | 'on') =>
	tx.execute(sql`insert into stops values (${n}, ${kind}, pg_current_xact_id()::xid)`);

export type Violations = {
	windows: number;
	offMs: number;
	sendings: number;
	steps: number;
	sendingsWhileOff: number;
	stepsWhileOff: number;
};

/** Starts whose commit follows a deactivation's and comes before the activation that ended it. */
export async function readViolations(db: TestDatabase): Promise<Violations> {
	const [row] = await db.admin.execute<Violations>(sql`
		with at as materialized (select n, kind, pg_xact_commit_timestamp(xid) as at from stops),
			off as materialized (select f.at as from_at, t.at as to_at from at f join at t on t.n = f.n and t.kind = 'on' where f.kind = 'off'),
			begun as materialized (select kind, pg_xact_commit_timestamp(xid) as at from starts)
		select (select count(*) from off)::int as windows,
			(select coalesce(sum(extract(epoch from to_at - from_at) * 1000), 0) from off)::int as "offMs",
			count(*) filter (where kind = 'sending')::int as sendings, count(*) filter (where kind = 'step')::int as steps,
			count(*) filter (where kind = 'sending' and exists (select 1 from off where b.at > from_at and b.at < to_at))::int as "sendingsWhileOff",
			count(*) filter (where kind = 'step' and exists (select 1 from off where b.at > from_at and b.at < to_at))::int as "stepsWhileOff"
		from begun b`);
	return row!;
}
