import { sql } from 'drizzle-orm';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import { isTimeZone } from '#lib/domain/time/zone.ts';
import type { OrgTx } from '../db/client.ts';
import { rowSet } from '../db/rowSet.ts';
import type { RecordData } from '#lib/domain/crm/checkRecord.ts';
import { leaveReasonOf } from './cadenceConditions.ts';
import type { CadenceContext } from './cadenceContext.ts';

/** A record as it is at this moment. */
export type RecordFacts = {
	id: string;
	name: string;
	ownerId: string;
	data: RecordData;
	/** The record's zone if it has a usable one, else the org's (GRA-5). */
	timeZone: string;
	optOut: { email: boolean; call: boolean; whatsapp: boolean };
};

export type CheckedRecord = { facts: RecordFacts; leave: EndReason | null };

type Row = {
	/** Place among what was asked for, from 1. */
	n: number;
	id: string;
	name: string;
	owner_id: string;
	data: RecordData | null;
	time_zone: string | null;
	email_opt_out: boolean;
	call_opt_out: boolean;
	whatsapp_opt_out: boolean;
	leave: EndReason | null;
};

type RunToCheck = {
	orgId: string;
	recordId: string;
	cadence: CadenceContext;
	/** Whether anybody reads the fields of the record (default): they are the greater part of what travels. */
	withData?: boolean;
};

/**
 * EXE-2: the records of a set of runs and whether each must leave its cadence, in one statement: facts and
 * un-enrollment are of the same instant. The result has the order of `runs`.
 */
export async function readRecords(
	tx: OrgTx,
	runs: readonly RunToCheck[]
): Promise<(CheckedRecord | undefined)[]> {
	const cadences = [...new Set(runs.map((run) => run.cadence))];
	const indexOf = new Map(cadences.map((cadence, i) => [cadence, i]));
	const leave = await leaveReasonOf(tx, cadences, sql`k.c`);
	const keys = runs.map(({ orgId, recordId, cadence, withData }) => ({
		o: orgId,
		r: recordId,
		c: indexOf.get(cadence),
		d: withData ?? true
	}));
	const rows = await tx.execute<Row>(sql`
		select k.n::int as n, r.id, r.name, r.owner_id, case when k.d then r.data end as data, r.time_zone, r.email_opt_out,
			r.call_opt_out, r.whatsapp_opt_out, ${leave} as leave
		from ${rowSet(keys, { own: { r: 'uuid' }, shared: { o: 'uuid', c: 'int', d: 'boolean' } }, 'k')}
		join records r on r.org_id = k.o and r.id = k.r`);
	const result: (CheckedRecord | undefined)[] = new Array<CheckedRecord | undefined>(runs.length).fill(
		undefined
	);
	for (const row of rows) {
		const { orgTimeZone } = runs[row.n - 1]!.cadence;
		result[row.n - 1] = { facts: factsOf(row, orgTimeZone), leave: row.leave };
	}
	return result;
}

export const zoneOr = (zone: string | null, orgTimeZone: string): string =>
	zone !== null && isTimeZone(zone) ? zone : orgTimeZone;

const factsOf = (row: Omit<Row, 'n' | 'leave'>, orgTimeZone: string): RecordFacts => ({
	id: row.id,
	name: row.name,
	ownerId: row.owner_id,
	data: row.data ?? {},
	timeZone: zoneOr(row.time_zone, orgTimeZone),
	optOut: { email: row.email_opt_out, call: row.call_opt_out, whatsapp: row.whatsapp_opt_out }
});

/** GRA-8: records that lookups point to, by id. Deleted ones are not there. */
export async function readLookups(
	tx: OrgTx,
	keys: readonly { orgId: string; id: string }[]
): Promise<Map<string, RecordFacts>> {
	if (!keys.length) return new Map();
	const rows = await tx.execute<Row>(sql`
		select distinct on (r.org_id, r.id) 0 as n, r.id, r.name, r.owner_id, r.data, r.time_zone, r.email_opt_out,
			r.call_opt_out, r.whatsapp_opt_out, null as leave
		from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k("orgId" uuid, id uuid)
		join records r on r.org_id = k."orgId" and r.id = k.id and r.deleted_at is null`);
	return new Map(rows.map((row) => [row.id, factsOf(row, 'UTC')]));
}
