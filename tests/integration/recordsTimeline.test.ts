import { sql } from 'drizzle-orm';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { getTimeline, type Timeline } from '../../src/lib/server/records/getTimeline.ts';
import { updateRecord } from '../../src/lib/server/records/updateRecord.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

/** A run of a cadence that nothing else here is about. */
async function seedRun(db: TestDatabase, orgId: string, recordId: string): Promise<string> {
	const id = newId();
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`set local session_replication_role = replica`);
		await tx.execute(sql`
			insert into enrollments (org_id, id, cadence_id, record_id, version_id, source)
			values (${orgId}, ${id}, ${newId()}, ${recordId}, ${newId()}, 'manual')`);
	});
	return id;
}

test('CRM-8: the timeline merges changes, events, replies and activities, newest first, every entry once', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, actor.orgId, fn);
	const recordId = await run((tx) =>
		createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'One' } })
	);
	for (const lastName of ['Two', 'Three'])
		await run((tx) => updateRecord(tx, actor, { recordId, values: { lastName } }));
	const { orgId, userId } = actor;
	const enrollmentId = await seedRun(db, orgId, recordId);
	for (let i = 1; i <= 5; i += 1) {
		const at = sql`date_trunc('milliseconds', now()) - make_interval(mins => ${i}::int)`;
		await db.admin.execute(sql`
			insert into activities (org_id, id, kind, record_id, owner_id, subject, status, created_at)
			values (${orgId}, ${newId()}, 'call', ${recordId}, ${userId}, ${`Call ${i}`}, 'Scheduled', ${at})`);
		// The same instant as the activity: the order must still be total.
		await db.admin.execute(sql`
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, kind, enrolled_day, day)
			values (${orgId}, ${at}, ${newId()}, ${newId()}, ${enrollmentId}, 1, ${recordId}, 'opened', now(), now())`);
		await db.admin.execute(sql`
			insert into inbound_messages (org_id, id, channel, record_id, from_address, kind, received_at)
			values (${orgId}, ${newId()}, 'email', ${recordId}, 'x@x.example', 'reply', ${at})`);
	}
	const items: Timeline['items'] = [];
	let cursor: string | null = null;
	do {
		const page: Timeline = await run((tx) => getTimeline(tx, actor, { recordId, cursor, limit: 4 }));
		items.push(...page.items);
		cursor = page.nextCursor;
	} while (cursor);
	expect(items).toHaveLength(18);
	expect(new Set(items.map((item) => item.source + item.id)).size).toBe(18);
	expect(items.map((item) => item.at)).toEqual(
		items
			.map((item) => item.at)
			.toSorted()
			.toReversed()
	);
	expect(items[0]).toMatchObject({
		source: 'audit',
		kind: 'record.update',
		actorName: 'Ada Admin',
		data: { before: { lastName: 'Two' }, after: { lastName: 'Three' } }
	});
	const calls = await run((tx) => getTimeline(tx, actor, { recordId, sources: ['activity'] }));
	expect(calls.items.map((item) => item.data.subject)).toEqual([
		'Call 1',
		'Call 2',
		'Call 3',
		'Call 4',
		'Call 5'
	]);
});

test('CRM-8: what is one thing is one entry: a message stands for its execution, a mail that came for the reply', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const { orgId } = actor;
	const run = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, orgId, fn);
	const recordId = await run((tx) =>
		createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'One' } })
	);
	const enrollmentId = await seedRun(db, orgId, recordId);
	const [messageId, actionRunId] = [newId(), newId()];
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`
		insert into messages (org_id, id, channel, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id,
			status, to_address, links)
		values (${orgId}, ${messageId}, 'email', ${actionRunId}, ${enrollmentId}, 1, 'a', ${newId()}, ${recordId}, 'sent',
			'x@x.example', array['https://x.example/one', 'https://x.example/two'])`);
		for (const [kind, detail] of [
			['executed', null],
			['sent', null],
			['replied', null],
			['clicked', '1']
		] as const)
			await tx.execute(sql`
			insert into events (org_id, cadence_id, version_id, enrollment_id, run_no, record_id, action_id, kind, detail,
				enrolled_day, day)
			values (${orgId}, ${newId()}, ${newId()}, ${enrollmentId}, 1, ${recordId}, 'a', ${kind}, ${detail}, now(), now())`);
		await tx.execute(sql`
		insert into inbound_messages (org_id, id, channel, record_id, message_id, from_address, kind)
		values (${orgId}, ${newId()}, 'email', ${recordId}, ${messageId}, 'x@x.example', 'reply')`);
	});
	const { items } = await run((tx) => getTimeline(tx, actor, { recordId }));
	expect(items.map(({ source, kind }) => `${source} ${kind}`).toSorted()).toEqual([
		'audit record.create',
		'event clicked',
		'inbound reply',
		'message email'
	]);
	expect(items.find(({ kind }) => kind === 'clicked')?.data.link).toBe('https://x.example/two');
});
