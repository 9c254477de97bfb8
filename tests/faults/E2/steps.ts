import { sql } from 'drizzle-orm';
import { completeTask } from '../../../src/lib/server/activities/completeTask.ts';
import { logCall } from '../../../src/lib/server/activities/logCall.ts';
import { activateCadence } from '../../../src/lib/server/cadences/activateCadence.ts';
import { deactivateCadence } from '../../../src/lib/server/cadences/deactivateCadence.ts';
import { publishCadence } from '../../../src/lib/server/cadences/publishCadence.ts';
import { sendMessages } from '../../../src/lib/server/channels/deliver.ts';
import { receiveMail } from '../../../src/lib/server/channels/email/receiveMail.ts';
import { sweepMessages } from '../../../src/lib/server/channels/sweepMessages.ts';
import { sendWebhooks } from '../../../src/lib/server/channels/webhook/sendWebhooks.ts';
import { sweepWebhooks } from '../../../src/lib/server/channels/webhook/sweepWebhooks.ts';
import { applyWebhook } from '../../../src/lib/server/channels/whatsapp/applyWebhook.ts';
import { withOrg, type Db } from '../../../src/lib/server/db/client.ts';
import { advance } from '../../../src/lib/server/engine/advance.ts';
import { applyResponses } from '../../../src/lib/server/engine/applyResponses.ts';
import { newLane } from '../../../src/lib/server/engine/claimDue.ts';
import { drainRecordChanges } from '../../../src/lib/server/engine/drainRecordChanges.ts';
import { scanCadence } from '../../../src/lib/server/engine/scanCadence.ts';
import { sweepEngine } from '../../../src/lib/server/engine/sweep.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import { runBackgroundTask } from '../../../src/lib/server/enrollments/runBackgroundTask.ts';
import { startBackgroundTask } from '../../../src/lib/server/enrollments/startBackgroundTask.ts';
import { unenrollRecords } from '../../../src/lib/server/enrollments/unenrollRecords.ts';
import { updateRecord } from '../../../src/lib/server/records/updateRecord.ts';
import type { Scenario } from './scenario.ts';

type Databases = { web: Db; worker: Db; admin: Db };
type Step = (db: Databases, scenario: Scenario) => Promise<unknown>;

/**
 * One life of three cadences. Each step is what a person or a worker does again when it got no answer, so the process
 * after a dead one begins with the step that was cut.
 */
export const steps: readonly Step[] = [
	(db, { actor, cadences, leads }) =>
		withOrg(db.web, actor.orgId, (tx) =>
			enrollRecords(tx, actor, { cadenceId: cadences.manual, records: { ids: leads.slice(0, 5) } })
		),
	rest,
	// One answers whose message is never the one in hand when a process dies.
	answer,
	rest,
	// The second one becomes somebody who must leave.
	(db, { actor, leads }) =>
		withOrg(db.web, actor.orgId, (tx) =>
			updateRecord(tx, actor, { recordId: leads[1]!, values: { leadStatus: 'Lost' } })
		),
	rest,
	// The third one is un-enrolled by hand.
	(db, { actor, cadences, leads }) =>
		withOrg(db.web, actor.orgId, (tx) =>
			unenrollRecords(tx, actor, {
				cadenceId: cadences.manual,
				target: { moduleKey: 'leads', records: { ids: [leads[2]!] } }
			})
		),
	(db, { actor, cadences, leads }) =>
		withOrg(db.web, actor.orgId, (tx) =>
			startBackgroundTask(tx, actor, 'enroll', { cadenceId: cadences.manual, ids: [leads[5]!] }, 1)
		),
	async (db, { actor: { orgId } }) => {
		const [task] = await db.admin.execute<{ id: string }>(
			sql`select id from background_tasks where org_id = ${orgId}`
		);
		await runBackgroundTask(db.worker, { orgId, taskId: task!.id });
	},
	(db, { actor: { orgId }, cadences }) => scanCadence(db.worker, { orgId, cadenceId: cadences.view }),
	rest,
	(db, { actor, cadences }) =>
		withOrg(db.web, actor.orgId, (tx) => deactivateCadence(tx, actor, { cadenceId: cadences.manual })),
	(db, { actor, cadences }) =>
		withOrg(db.web, actor.orgId, (tx) =>
			activateCadence(tx, actor, { cadenceId: cadences.manual, halted: 'continue' })
		),
	(db, { actor, cadences }) =>
		withOrg(db.web, actor.orgId, (tx) =>
			publishCadence(tx, actor, { cadenceId: cadences.published, expectedVersion: 1 })
		),
	rest,
	(db) => db.admin.execute(sql`update app.clock set shift = interval '2 days'`),
	rest
];

/** So that a death concerns one message. */
const oneAtATime = { concurrency: 1, batch: 1, unwritten: 1 };

/** Everything a worker does, until nothing is left to do. */
async function rest({ worker }: Databases): Promise<void> {
	const lane = newLane(3);
	await sweepEngine(worker);
	await sweepMessages(worker);
	await sweepWebhooks(worker);
	for (let turn = 0; turn < 100; turn++) {
		let moved = await drainRecordChanges(worker);
		moved += await applyResponses(worker, 3);
		moved += (await advance(worker, lane)).claimed;
		for (const channel of ['email', 'whatsapp'] as const)
			moved += (await sendMessages(worker, channel, oneAtATime)).handled;
		moved += (await sendWebhooks(worker, { slots: 1 })).called;
		if (!moved) return;
	}
	throw new Error('The history did not come to rest.');
}

async function answer(db: Databases, { kind, actor, cadences, leads }: Scenario): Promise<void> {
	const { orgId } = actor;
	const [first] = await db.admin.execute<{ activity: string; rfc: string; wamid: string; to: string }>(sql`
		select t.id as activity, m.rfc_message_id as rfc, m.provider_id as wamid, m.to_address as "to"
		from enrollments e join action_runs a on a.enrollment_id = e.id and a.action_id = 'first'
		left join activities t on t.action_run_id = a.id left join messages m on m.action_run_id = a.id
		where e.cadence_id = ${cadences.manual} and e.record_id = ${leads[3]!}`);
	const { activity, rfc, wamid, to } = first!;
	switch (kind) {
		case 'task':
			await withOrg(db.web, orgId, (tx) => completeTask(tx, actor, { activityId: activity }));
			return;
		case 'call':
			await withOrg(db.web, orgId, (tx) =>
				logCall(tx, actor, { activityId: activity, result: 'Interested' })
			);
			return;
		// Its receiver has answered already.
		case 'webhook':
			return;
		case 'mail': {
			const headers = [`From: ${to}`, `In-Reply-To: ${rfc}`, `Message-ID: <answer@${orgId}.example>`];
			const raw = Buffer.from(`${headers.join('\r\n')}\r\nSubject: Re: Hi\r\n\r\nYes, please.\r\n`);
			await receiveMail(db.worker, { envelopeFrom: to, recipients: [`reply@${orgId}.example`], raw });
			// The history needs an answer; to a mail that died before it left nobody could have written one, so it proves nothing.
			await db.admin.execute(sql`
				update messages set status = 'unknown', resolution = null, resolved_at = null
				where org_id = ${orgId} and channel = 'email' and resolution = 'evidence'`);
			return;
		}
		case 'whatsapp': {
			const context = wamid ? { context: { id: wamid } } : {};
			const text = { type: 'text', text: { body: 'Yes, please.' } };
			const message = { id: `wamid.answer.${orgId}`, from: to.slice(1), ...text, ...context };
			const change = { field: 'messages', value: { messages: [message] } };
			await applyWebhook(db.web, orgId, {
				object: 'whatsapp_business_account',
				entry: [{ id: '1', changes: [change] }]
			});
		}
	}
}
