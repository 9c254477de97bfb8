import { sql } from 'drizzle-orm';
import { alongIndex } from '../db/alongIndex.ts';
import type { OrgTx } from '../db/client.ts';
import { nilId } from '../db/id.ts';
import { enrollmentColumns, type EnrollmentRow } from './enrollmentRow.ts';
import type { LaneMark } from './passMarks.ts';

/** Milliseconds since the epoch, as they are stored. */
type Mark = { at: number; id: string };

/** What a lane remembers between passes. */
export type Lane = {
	/** Rows of one pass. */
	limit: number;
	/**
	 * Low mark: the last row that was claimed of a cadence. Index entries of moved rows lie before it, dead until vacuum;
	 * starting behind them keeps the rate under a held snapshot (PERFORMANCE.md 4). By id too: a whole enrollment is due
	 * at one instant. Lanes of one process share their marks, so that none walks through what another has in hand.
	 * Forgotten on an empty claim, when a pass fails and every 15 seconds, because a row may be committed late with an
	 * earlier time.
	 */
	marks: Marks;
	marksSince: number;
	/** Where it notes what it has in hand; without one, a run that ends processes is never found. */
	mark?: LaneMark | undefined;
};

export type Marks = Map<string, Mark>;

export const newLane = (limit = 1000, mark?: LaneMark, marks: Marks = new Map()): Lane => ({
	limit,
	marks,
	marksSince: 0,
	mark
});

/** Cadences of one pass: each gets an equal share, so a million-record one starves nobody. */
const cadencesPerPass = 50;
/** So long at most a run waits that another held, or whose responses changed nothing, while there is work ahead. */
const forgetAfterMs = 15_000;

type ClaimedRow = EnrollmentRow & { due_at: number };
export type Claim = {
	rows: ClaimedRow[];
	now: number;
	found: boolean;
	/** The transaction that holds the rows. */
	xid?: string | undefined;
};
type Pick = { org_id: string; id: string; now: number; locked: boolean; xid: string };

/**
 * Claims due runs: shared advisory locks of the cadences first (only tried: publish and deactivation hold them
 * exclusively), then rows in due order, `skip locked`. A run with responses waiting is left to `applyResponses`, so that
 * everything received before a pass is applied before what is due (GRA-7).
 */
export async function claimDue(tx: OrgTx, lane: Lane): Promise<Claim> {
	if (performance.now() - lane.marksSince > forgetAfterMs) forget(lane);
	await alongIndex(tx);
	let claim = await claimOnce(tx, lane);
	if (!claim.rows.length && lane.marks.size) {
		forget(lane);
		claim = await claimOnce(tx, lane);
	}
	for (const row of claim.rows) moveMark(lane, row);
	return claim;
}

/** Only ahead: another lane may have come further meanwhile. */
function moveMark({ marks }: Lane, row: ClaimedRow): void {
	const mark = marks.get(row.cadence_id);
	if (!mark || row.due_at > mark.at || (row.due_at === mark.at && row.id > mark.id))
		marks.set(row.cadence_id, { at: row.due_at, id: row.id });
}

/** The next claim begins at the earliest due run again. */
export function forget(lane: Lane): void {
	lane.marks.clear();
	lane.marksSince = performance.now();
}

async function claimOnce(tx: OrgTx, lane: Lane): Promise<Claim> {
	const marks = JSON.stringify([...lane.marks].map(([c, { at, id }]) => ({ c, at, id })));
	const picks = await tx.execute<Pick>(sql`
		select x.org_id, x.id, round(date_part('epoch', x.now) * 1000) as now,
			pg_try_advisory_xact_lock_shared(app.cadence_lock(x.id)) as locked, pg_current_xact_id()::text as xid
		from (
			select y.* from (
				select c.org_id, c.id, n.now from (select app.now() as now offset 0) n
				cross join cadences c
				left join jsonb_to_recordset(${marks}::jsonb) as m(c uuid, at float8, id uuid) on m.c = c.id
				cross join lateral (
					select e.due_at from enrollments e
					where e.cadence_id = c.id and e.org_id = c.org_id and e.status = 'active' and e.due_at is not null
						and e.quarantined_at is null and e.due_at <= n.now
						and (e.due_at, e.id) > (coalesce(to_timestamp(m.at / 1000), '-infinity'), coalesce(m.id, ${nilId}::uuid))
					order by e.due_at, e.id limit 1) d
				where c.state = 'active' and c.deleted_at is null
				order by d.due_at limit ${cadencesPerPass}) y
			order by y.id offset 0) x`);
	const open = picks.filter((pick) => pick.locked);
	const now = Number(picks[0]?.now ?? 0);
	if (!open.length) return { rows: [], now, found: picks.length > 0 };
	const share = Math.ceil(lane.limit / open.length);
	const keys = JSON.stringify(open.map(({ org_id, id }) => ({ o: org_id, c: id, ...lane.marks.get(id) })));
	// The state is read again: it may have changed before the lock was ours.
	const rows = await tx.execute<ClaimedRow>(sql`
		select ${enrollmentColumns}
		from jsonb_to_recordset(${keys}::jsonb) as k(o uuid, c uuid, at float8, id uuid)
		join cadences c on c.org_id = k.o and c.id = k.c and c.state = 'active' and c.deleted_at is null
		cross join lateral (
			select e.* from enrollments e
			where e.cadence_id = k.c and e.org_id = k.o and e.status = 'active' and e.due_at is not null
				and e.quarantined_at is null and e.due_at <= ${new Date(now).toISOString()}::timestamptz
				and (e.due_at, e.id) > (coalesce(to_timestamp(k.at / 1000), '-infinity'), coalesce(k.id, ${nilId}::uuid))
				-- One look by the run's own key per row, however many responses wait. As "not exists" it may become a join with
				-- all of them; with "quarantined_at is null" each row would walk the index of all that are open. The planner thinks
				-- that hardly any row passes "is null" and most pass "is not null"; of hardly any it sorts everything that is due,
				-- instead of reading the index until the limit (a million: 20 s a pass).
				and (case when (select r.id from responses r where r.enrollment_id = e.id
					and coalesce(r.quarantined_at, 'infinity') = 'infinity' limit 1) is null then 1 end) is not null
			order by e.due_at, e.id limit ${share} for update of e skip locked) e`);
	return { rows: [...rows], now, found: true, xid: open[0]?.xid };
}
