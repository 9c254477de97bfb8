import { sql } from 'drizzle-orm';
import { renderHeader } from '#lib/domain/mergeFields/render.ts';
import { parseTemplate } from '#lib/domain/mergeFields/parse.ts';
import type { OrgTx } from '../db/client.ts';
import { readMergeValues } from '../templates/readMergeValues.ts';
import type { ChannelFacts } from './channelFacts.ts';
import type { DueRun } from './dueRow.ts';
import { ownerRuleOf } from './ownerRule.ts';
import { prepareChanges, type Changing, type Later } from './prepareChanges.ts';
import { prepareEnrolls, type Enrolling } from './prepareEnrolls.ts';
import { readTurns } from './roundRobin.ts';
import { iso } from './stepBatch.ts';
import { templateOf } from './variant.ts';
import type { Prepared } from './verdict.ts';

export type Extras = {
	/** What this pass moves; the others wait for a lock that somebody else holds. */
	ready: DueRun[];
	/** Verdicts that are formed already. */
	prepared: Map<DueRun, Prepared>;
	/** GRA-8 [+]: what the task of a held e-mail calls it. */
	subjects: Map<DueRun, string>;
};

/**
 * GRA-8: everything that actions beyond plain tasks, calls and messages need before their verdict. A pass without such
 * actions pays one look at each run; null then.
 */
export async function prepareExtras(
	tx: OrgTx,
	due: readonly DueRun[],
	facts: ChannelFacts,
	now: number
): Promise<Extras | null> {
	const changing: Changing[] = [];
	const enrolling: Enrolling[] = [];
	const reviewed: DueRun[] = [];
	let inTurn = false;
	for (const run of due) {
		const { target } = run;
		// VER-4: what was executed in this run before is not executed again.
		if (!target || target.kind === 'exit' || run.run.done.includes(target.id)) continue;
		if (target.kind === 'updateField' || target.kind === 'tags' || target.kind === 'changeOwner')
			changing.push({ run, action: target });
		else if (target.kind === 'enroll') enrolling.push({ run, action: target });
		else if (target.kind === 'email' && target.config.review) reviewed.push(run);
		inTurn ||= ownerRuleOf(target)?.kind === 'roundRobin';
	}
	if (!changing.length && !enrolling.length && !reviewed.length && !inTurn) return null;
	if (inTurn) facts.turns = await readTurns(tx, due);
	const prepared = new Map<DueRun, Prepared>();
	const later: Later[] = [];
	for (const part of [
		changing.length ? await prepareChanges(tx, changing, facts) : null,
		enrolling.length ? await prepareEnrolls(tx, enrolling) : null
	]) {
		for (const [run, verdict] of part?.prepared ?? []) prepared.set(run, verdict);
		later.push(...(part?.later ?? []));
	}
	if (later.length) await putOff(tx, later, now);
	const waits = new Set(later.map(({ run }) => run));
	return {
		ready: due.filter((run) => !waits.has(run)),
		prepared,
		subjects: reviewed.length ? await subjectsOf(tx, reviewed) : new Map()
	};
}

/** Not before now: a lane reads on from the last due time it has claimed (PERFORMANCE.md 4, low mark). */
async function putOff(tx: OrgTx, later: readonly Later[], now: number): Promise<void> {
	const rows = later.map(({ run, afterMs }) => ({
		o: run.row.org_id,
		e: run.row.id,
		at: iso(now + afterMs)
	}));
	await tx.execute(sql`
		update enrollments e set due_at = k.at
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as k(o uuid, e uuid, at timestamptz)
		where e.org_id = k.o and e.id = k.e`);
}

/** What the task of a held e-mail calls it. */
export async function subjectsOf(tx: OrgTx, runs: readonly DueRun[]): Promise<Map<DueRun, string>> {
	const templates = runs.map(({ row, target }) =>
		target?.kind === 'email' ? templateOf(row, target) : null
	);
	const keys = [...new Set(templates.filter((id) => id !== null))];
	const found = await tx.execute<{ org_id: string; id: string; subject: string }>(sql`
		select org_id, id, subject from email_templates where id = any(${sql.param(keys)}::uuid[])`);
	const subjects = new Map(found.map((row) => [`${row.org_id}/${row.id}`, row.subject]));
	const values = await readMergeValues(
		tx,
		runs.map(({ row }) => ({ orgId: row.org_id, recordId: row.record_id }))
	);
	return new Map(
		runs.map((run, i) => {
			const subject = subjects.get(`${run.row.org_id}/${templates[i]}`) ?? '';
			const of = values[i];
			return [run, of ? renderHeader(parseTemplate(subject), of) : subject];
		})
	);
}
