import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { sendMessages } from '../../../src/lib/server/channels/deliver.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import { advance } from '../../../src/lib/server/engine/advance.ts';
import { applyResponses } from '../../../src/lib/server/engine/applyResponses.ts';
import { newLane } from '../../../src/lib/server/engine/claimDue.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import { unenrollRecords } from '../../../src/lib/server/enrollments/unenrollRecords.ts';
import type { TestDatabase } from '../../support/clone.ts';
import {
	branch,
	days,
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	task
} from '../../support/engineWorld.ts';
import type { SinkEntry } from '../../support/sinkLog.ts';

/** Races at once. */
const SET = 20;
const FIRST_WITHIN_MS = 300;

/**
 * Who became what in which transaction, so that PostgreSQL can say when that one was committed
 * (`track_commit_timestamp`): the sending of each message and the end of each run.
 */
export async function watchCommits(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`create table commits (what text, id uuid, enrollment_id uuid, xid xid)`);
	await db.admin.execute(sql`
		create function watch_commits() returns trigger language plpgsql security definer set search_path = public as $$
		begin
			if tg_table_name = 'messages' then
				insert into commits values ('sending', new.id, new.enrollment_id, pg_current_xact_id()::xid);
			else
				insert into commits values ('ended', new.id, new.id, pg_current_xact_id()::xid);
			end if;
			return null;
		end $$`);
	await db.admin.execute(sql`
		create trigger watch_sending after update on messages for each row
			when (old.status is distinct from new.status and new.status = 'sending') execute function watch_commits()`);
	await db.admin.execute(sql`
		create trigger watch_ended after update on enrollments for each row
			when (old.status <> 'stopped' and new.status = 'stopped') execute function watch_commits()`);
}

/**
 * E10: records are enrolled, their mail is due at once, and each is un-enrolled by hand at a moment of its own between
 * the enrollment and some time after the mail went out.
 */
export async function raceUnenrollment(
	db: TestDatabase,
	{ races, random }: { races: number; random: Random }
): Promise<{ orgId: string }> {
	const world = await makeWorld(db);
	const { actor, orgId, templateId, senderId } = world;
	await db.admin.execute(sql`update organizations set emails_per_day = 1000000 where id = ${orgId}`);
	const config = { templateId, sender: { kind: 'sender' as const, senderId } };
	const plan = planOf([
		email('mail', [branch('mail', { response: 'sent' }, 'later', days(1))], config),
		task('later')
	]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: races }, (_, i) => ({ data: { email: `race${i}@people.example` } }))
	);
	let over = false;
	const lane = newLane(7);
	const engine = async () => {
		while (!over) {
			const applied = await applyResponses(db.worker);
			const { claimed } = await advance(db.worker, lane);
			if (!applied && !claimed) await sleep(2);
		}
	};
	const sender = async () => {
		while (!over) {
			const { handled } = await sendMessages(db.worker, 'email', { concurrency: 4 });
			if (!handled) await sleep(2);
		}
	};
	let withinMs = FIRST_WITHIN_MS;
	const working = Promise.all([engine(), engine(), sender()]);
	try {
		for (let at = 0; at < ids.length; at += SET) {
			const part = ids.slice(at, at + SET);
			await withOrg(db.web, orgId, (tx) => enrollRecords(tx, actor, { cadenceId, records: { ids: part } }));
			await Promise.all(
				part.map(async (id) => {
					await sleep(random.next() * withinMs);
					await withOrg(db.web, orgId, (tx) =>
						unenrollRecords(tx, actor, {
							cadenceId,
							target: { moduleKey: 'leads', records: { ids: [id] } }
						})
					);
				})
			);
			// The race is closest where each comes first as often as the other.
			withinMs *= (await shareBegun(db, orgId, part)) > 0.5 ? 0.75 : 1.35;
		}
		await untilQuiet(db, orgId);
	} finally {
		over = true;
		await working;
	}
	return { orgId };
}

async function shareBegun(db: TestDatabase, orgId: string, recordIds: readonly string[]): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(sql`
		select count(*)::int as n from messages where org_id = ${orgId} and status in ('sending', 'sent')
			and record_id = any(${sql.param([...recordIds])}::uuid[])`);
	return row!.n / recordIds.length;
}

async function untilQuiet(db: TestDatabase, orgId: string): Promise<void> {
	for (let n = 0; n < 2000; n++) {
		const [row] = await db.admin.execute<{ n: number }>(sql`
			select (select count(*) from messages where org_id = ${orgId} and status in ('queued', 'claimed', 'sending'))::int
				+ (select count(*) from responses where org_id = ${orgId})::int as n`);
		if (!row?.n) return;
		await sleep(10);
	}
	throw new Error('The messages did not come to rest.');
}

export type RaceFigures = {
	/** Runs that were un-enrolled. */
	unenrolled: number;
	/** Before their mail was begun: it never went out. */
	before: number;
	/** After it was begun: it is shown as sent. */
	after: number;
	/** Accepted by the relay although `sending` was committed after the un-enrollment. */
	acceptedTooLate: number;
	/** A run that is still on its way. */
	missed: number;
};

/** Reads the database's own commit times and the relay's log. */
export async function judgeRaces(
	db: TestDatabase,
	orgId: string,
	log: readonly SinkEntry[]
): Promise<RaceFigures> {
	const accepted = JSON.stringify(log.flatMap((entry) => (entry.event === 'mail' ? [entry.messageId] : [])));
	const [row] = await db.admin.execute<RaceFigures>(sql`
		with runs as (
			select e.id, e.status, pg_xact_commit_timestamp(c.xid) as ended,
				exists (select 1 from messages m where m.org_id = e.org_id and m.enrollment_id = e.id
					and m.rfc_message_id in (select jsonb_array_elements_text(${accepted}::text::jsonb))) as accepted,
				(select max(pg_xact_commit_timestamp(s.xid)) from commits s
					where s.what = 'sending' and s.enrollment_id = e.id) as sending
			from enrollments e left join commits c on c.what = 'ended' and c.id = e.id
			where e.org_id = ${orgId})
		select count(*) filter (where ended is not null)::int as unenrolled,
			count(*) filter (where ended is not null and not accepted)::int as before,
			count(*) filter (where accepted and sending <= ended)::int as after,
			count(*) filter (where accepted and (sending is null or sending > ended))::int as "acceptedTooLate",
			count(*) filter (where status <> 'stopped')::int as missed
		from runs`);
	return { ...row! };
}
