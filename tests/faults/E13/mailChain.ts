import { sql } from 'drizzle-orm';
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
	type World
} from '../../support/engineWorld.ts';

/** Leads on a chain of mails that follow each other at once: load until the last one is out. */
export async function makeMailChain(
	db: TestDatabase,
	{ leads, mails }: { leads: number; mails: number }
): Promise<World & { cadenceId: string; leadIds: string[] }> {
	const world = await makeWorld(db);
	const { orgId, templateId, senderId } = world;
	await db.admin.execute(
		sql`update organizations set emails_per_day = ${leads * mails * 2} where id = ${orgId}`
	);
	const plan = planOf(
		Array.from({ length: mails }, (_, i) =>
			email(`mail${i}`, i + 1 < mails ? [branch(`mail${i}`, { response: 'sent' }, `mail${i + 1}`)] : [], {
				templateId,
				sender: { kind: 'sender', senderId }
			})
		)
	);
	const { cadenceId } = await makeCadence(db, world, plan);
	const leadIds = await makeLeads(
		db,
		world,
		Array.from({ length: leads }, (_, i) => ({ data: { email: `chain${i}@people.example` } }))
	);
	for (let at = 0; at < leads; at += inlineLimit)
		await withOrg(db.web, orgId, (tx) =>
			enrollRecords(tx, world.actor, { cadenceId, records: { ids: leadIds.slice(at, at + inlineLimit) } })
		);
	return { ...world, cadenceId, leadIds };
}
