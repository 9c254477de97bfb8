import { sql } from 'drizzle-orm';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { inlineLimit } from '../../../src/lib/server/enrollments/enrollInput.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import { recordResponses } from '../../../src/lib/server/engine/recordResponses.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { branch, email, makeCadence, makeLeads, makeWorld, planOf, task } from '../../support/engineWorld.ts';

/** What tests/support/poisonPreload.ts looks for. */
const word = 'ends-this-process';

export type Poisons = { orgId: string; cadences: Record<'step' | 'response' | 'mail', string> };

/**
 * Three cadences of that many records. In each, one holds what ends the process: in the text of a task, in what came
 * back from a task, in the text of a mail.
 */
export async function makePoisons(db: TestDatabase, records: number): Promise<Poisons> {
	const world = await makeWorld(db);
	const { orgId, templateId, senderId } = world;
	await db.admin.execute(sql`update organizations set emails_per_day = ${records * 10} where id = ${orgId}`);
	await db.admin.execute(
		sql`update email_templates set subject = 'Hi {{lead.lastName}}' where org_id = ${orgId}`
	);
	const plans = {
		step: planOf([task('one', [], { subject: 'Call {{lead.lastName}}' })]),
		response: planOf([task('one', [branch('one', { response: 'overdue' }, 'two')]), task('two')]),
		mail: planOf([email('one', [], { templateId, sender: { kind: 'sender', senderId } })])
	};
	const made: [string, string][] = [];
	for (const [kind, plan] of Object.entries(plans)) {
		const { cadenceId } = await makeCadence(db, world, plan);
		const poisoned = kind === 'response' ? -1 : Math.floor(records * 0.6);
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: records }, (_, i) => ({
				data: { lastName: i === poisoned ? word : `Lead ${i}`, email: `${kind}${i}@people.example` }
			}))
		);
		for (let at = 0; at < ids.length; at += inlineLimit)
			await withOrg(db.web, orgId, (tx) =>
				enrollRecords(tx, world.actor, { cadenceId, records: { ids: ids.slice(at, at + inlineLimit) } })
			);
		made.push([kind, cadenceId]);
	}
	return { orgId, cadences: Object.fromEntries(made) as Poisons['cadences'] };
}

/** Once their first task is there, everybody answers; one with words that end the process. */
export async function answerAll(db: TestDatabase, { orgId, cadences }: Poisons): Promise<void> {
	const runs = await db.admin.execute<{ id: string }>(
		sql`select id from enrollments where cadence_id = ${cadences.response} and current_action_id = 'one' order by id`
	);
	await recordResponses(
		db.worker,
		runs.map(({ id }, i) => ({
			orgId,
			enrollmentId: id,
			runNo: 1,
			actionId: 'one',
			kind: 'replied' as const,
			detail: { text: i === Math.floor(runs.length / 3) ? word : 'Yes, please.' }
		}))
	);
}

export type PoisonEnd = {
	stepsDone: number;
	/** Whose first task is there. */
	asked: number;
	answersApplied: number;
	mailsSent: number;
	/** On their way when a neighbour ended the process: nobody can know (EXE-10). */
	mailsDoubtful: number;
	runsAside: number;
	responsesAside: number;
	mailsAside: number;
	maxCrashesOfOthers: number;
};

export async function readPoisons(db: TestDatabase, { orgId, cadences }: Poisons): Promise<PoisonEnd> {
	const [row] = await db.admin.execute<PoisonEnd>(sql`
		select (select count(*) from action_runs a join enrollments e on e.id = a.enrollment_id
				where e.cadence_id = ${cadences.step})::int as "stepsDone",
			(select count(*) from action_runs a join enrollments e on e.id = a.enrollment_id
				where e.cadence_id = ${cadences.response} and a.action_id = 'one')::int as asked,
			(select count(*) from enrollments where cadence_id = ${cadences.response} and last_response = 'replied')::int as "answersApplied",
			(select count(*) from messages where org_id = ${orgId} and status = 'sent')::int as "mailsSent",
			(select count(*) from messages where org_id = ${orgId} and status = 'unknown')::int as "mailsDoubtful",
			(select count(*) from enrollments where org_id = ${orgId} and quarantined_at is not null
				and quarantine_reason like '%ended the engine%process 5 times%')::int as "runsAside",
			(select count(*) from responses where org_id = ${orgId} and quarantined_at is not null)::int as "responsesAside",
			(select count(*) from messages where org_id = ${orgId} and status = 'failed' and error_code = 'crashed'
				and crashes = 5)::int as "mailsAside",
			(select coalesce(max(crashes), 0) from messages where org_id = ${orgId} and status <> 'failed')::int as "maxCrashesOfOthers"`);
	return row!;
}
