import { sql } from 'drizzle-orm';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import type { OrgTx } from '../db/client.ts';
import { endRuns } from '../enrollments/endRuns.ts';
import { leaveReasonOf, readableOf } from './cadenceConditions.ts';
import { loadCadences, type CadenceContext } from './cadenceContext.ts';
import { bisect } from './poison.ts';

type Live = { org_id: string; id: string; cadence_id: string; record_id: string };

/**
 * EXE-2, UNE-5: checks live runs against un-enrollment (UNE-1 a-c, UNE-7) on fresh data, set-based, and ends those that
 * must leave. Called before messages are handed over; the caller holds the cadences' shared locks. A cadence whose
 * criteria cannot be read or reckoned with keeps no other's messages back.
 * @returns the runs of which nobody can say whether they must leave: nothing of theirs may be handed over
 */
export async function checkUnenrollment(
	tx: OrgTx,
	runs: readonly { orgId: string; enrollmentId: string }[]
): Promise<Set<string>> {
	if (!runs.length) return new Set();
	const rows = await tx.execute<Live>(sql`
		select e.org_id, e.id, e.cadence_id, e.record_id
		from jsonb_to_recordset(${JSON.stringify(runs)}::jsonb) as k("orgId" uuid, "enrollmentId" uuid)
		-- Each by its key: with statistics from before a bulk change the planner believes that hardly a run is live, and
		-- compares each that is with each of these (400 of 200,000: 8 s).
		cross join lateral (select * from enrollments where org_id = k."orgId" and id = k."enrollmentId" offset 0) e
		where e.status in ('active', 'paused')`);
	if (!rows.length) return new Set();
	const contexts = await loadCadences(
		tx,
		rows.map((row) => ({ orgId: row.org_id, cadenceId: row.cadence_id }))
	);
	const readable = new Map(
		(await readableOf(tx, [...contexts.values()])).map((cadence) => [cadence.id, cadence])
	);
	const unjudged = new Set(rows.filter((row) => !readable.has(row.cadence_id)).map((row) => row.id));
	await bisect(
		tx,
		rows.filter((row) => readable.has(row.cadence_id)),
		(part, some) => endThoseThatLeave(part, some, readable),
		async (_, poison) => {
			for (const { row } of poison) unjudged.add(row.id);
		}
	);
	return unjudged;
}

async function endThoseThatLeave(
	tx: OrgTx,
	rows: readonly Live[],
	contexts: ReadonlyMap<string, CadenceContext>
): Promise<void> {
	const cadences = [...new Set(rows.map((row) => contexts.get(row.cadence_id)!))];
	const indexOf = new Map(cadences.map((cadence, i) => [cadence.id, i]));
	const reason = await leaveReasonOf(tx, cadences, sql`k.c`);
	const keys = rows.map((row) => ({
		e: row.id,
		org: row.org_id,
		r: row.record_id,
		c: indexOf.get(row.cadence_id)
	}));
	const leaving = await tx.execute<{ e: string; org_id: string; reason: EndReason }>(sql`
		select * from (
			select k.e, r.org_id, ${reason} as reason
			from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k(e uuid, org uuid, r uuid, c int)
			cross join lateral (select * from records where org_id = k.org and id = k.r offset 0) r) x
		where reason is not null`);
	await endRuns(
		tx,
		leaving.map((row) => ({ orgId: row.org_id, enrollmentId: row.e, reason: row.reason }))
	);
}
