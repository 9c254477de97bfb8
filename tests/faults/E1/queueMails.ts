import { sql } from 'drizzle-orm';
import type { Actor } from '../../../src/lib/domain/access/actor.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { inlineLimit } from '../../../src/lib/server/enrollments/enrollInput.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import type { TestDatabase } from '../../support/clone.ts';
import {
	branch,
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	task
} from '../../support/engineWorld.ts';

export type QueuedMails = { orgId: string; actor: Actor; mails: number };

/** Enrolls that many leads and lets the engine queue their first e-mail; each `sent` is followed by a task that ends the run. */
export async function queueMails(db: TestDatabase, mails: number): Promise<QueuedMails> {
	const world = await makeWorld(db);
	const { actor, orgId, templateId, senderId } = world;
	await db.admin.execute(sql`update organizations set emails_per_day = ${mails * 2} where id = ${orgId}`);
	const plan = planOf([
		email('first', [branch('first', { response: 'sent' }, 'follow')], {
			templateId,
			sender: { kind: 'sender', senderId }
		}),
		task('follow')
	]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: mails }, (_, i) => ({ data: { email: `lead${i}@people.example` } }))
	);
	for (let at = 0; at < ids.length; at += inlineLimit)
		await withOrg(db.web, orgId, (tx) =>
			enrollRecords(tx, actor, { cadenceId, records: { ids: ids.slice(at, at + inlineLimit) } })
		);
	await runEngine(db);
	const [row] = await db.admin.execute<{ n: number }>(
		sql`select count(*)::int as n from messages where org_id = ${orgId} and status = 'queued'`
	);
	if (row?.n !== mails) throw new Error(`${row?.n} of ${mails} mails were queued.`);
	return { orgId, actor, mails };
}
