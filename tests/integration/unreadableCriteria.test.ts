import { sql } from 'drizzle-orm';
import type { Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { scanCadence } from '../../src/lib/server/engine/scanCadence.ts';
import { createField } from '../../src/lib/server/modules/createField.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { makeChannelWorld, queue, storedMessage } from '../support/channelWorld.ts';
import { expect, test } from '../support/db.ts';
import {
	email,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	runsOf,
	task
} from '../support/engineWorld.ts';

const unenroll = (criteria: Criteria) => ({ leavesView: false, onDate: null, criteria, outcomes: [] });
/** As a field that was deleted, or a value that an older release still took. */
const unreadable: Criteria = { field: 'gone', op: 'is', value: 'x' };

test('UNE-5, EXE-2: criteria that cannot be read keep back the messages of their cadence alone, until they are mended', async ({
	db
}) => {
	const broken = await makeChannelWorld(db, planOf([email('a')], { unenroll: unenroll(unreadable) }));
	const fine = await makeChannelWorld(
		db,
		planOf([email('a')], { unenroll: unenroll({ field: 'rating', op: 'is', value: 'Cold' }) })
	);
	const [held] = await queue(db, broken, 'a', [{ to: 'held@example.com' }]);
	const [sent, left] = await queue(db, fine, 'a', [
		{ to: 'sent@example.com' },
		{ to: 'left@example.com', data: { rating: 'Cold' } }
	]);
	const { messages } = await claimMessages(db.worker, 'email');
	expect(messages.map((message) => message.id)).toEqual([sent!.messageId]);
	expect(await storedMessage(db, left!.messageId)).toMatchObject({ status: 'cancelled' });
	expect(await storedMessage(db, held!.messageId)).toMatchObject({ status: 'queued' });
	const sentence = await withOrg(db.web, broken.orgId, (tx) =>
		explainEnrollment(tx, broken.actor, held!.enrollmentId)
	);
	expect(sentence).toContain('the un-enrollment criteria of its cadence, or its view, cannot be read');

	await withOrg(db.web, broken.orgId, (tx) =>
		createField(tx, broken.actor, { moduleKey: 'leads', label: 'Gone', type: 'text' })
	);
	await db.admin.execute(sql`update messages set not_before = app.now() where id = ${held!.messageId}`);
	const later = await claimMessages(db.worker, 'email');
	expect(later.messages.map((message) => message.id)).toEqual([held!.messageId]);
});

test('CAD-6: everybody leaves a deleted cadence, also one whose criteria cannot be read any more', async ({
	db
}) => {
	const world = await makeWorld(db);
	const viewId = await makeView(db, world, { all: [] });
	const { cadenceId } = await makeCadence(db, world, planOf([task('a')], { viewId }), { viewId });
	await makeLeads(db, world, [{}, {}]);
	const scan = { orgId: world.orgId, cadenceId };
	await scanCadence(db.worker, scan);
	await db.admin.execute(sql`
		update views set criteria = ${JSON.stringify(unreadable)}::jsonb, revision = revision + 1 where id = ${viewId}`);
	await db.admin.execute(
		sql`update cadences set deleted_at = app.now(), state = 'inactive' where id = ${cadenceId}`
	);
	await scanCadence(db.worker, scan);
	expect((await runsOf(db, cadenceId)).map((run) => run.end_reason)).toEqual([
		'cadence_deleted',
		'cadence_deleted'
	]);
});

test('ENR-2, EXE-2, RELIABILITY 2.6: a time zone that only the database knows stops the sweep and the mail of nobody else', async ({
	db
}) => {
	const window = { from: '09:00', to: '17:00' };
	const odd = await makeChannelWorld(db, planOf([email('a')], { window }));
	const fine = await makeChannelWorld(db, planOf([email('a')]));
	await db.admin.execute(sql`update organizations set time_zone = 'XYZ-3' where id = ${odd.orgId}`);
	const byDay: Criteria = { field: 'createdAt', op: 'lastDays', value: 7 };
	const cadences: string[] = [];
	for (const world of [odd, fine]) {
		const viewId = await makeView(db, world, byDay);
		cadences.push((await makeCadence(db, world, planOf([task('a')], { viewId }), { viewId })).cadenceId);
	}
	await db.admin.execute(sql`update cadences set scanned_at = app.now(), published_at = null`);
	await db.admin.execute(sql`update views set modified_at = app.now() - interval '1 day'`);
	const [held] = await queue(db, odd, 'a', [{ to: 'held@example.com' }]);
	const [sent] = await queue(db, fine, 'a', [{ to: 'sent@example.com' }]);

	await expect(sweepEngine(db.worker)).rejects.toThrow(/zone/i);
	const planned = await db.admin.execute<{ id: string }>(sql`
		select id from cadences where next_scan_at is not null and id = any(${sql.param(cadences)}::uuid[])`);
	expect(planned.map((row) => row.id)).toEqual([cadences[1]]);

	const { messages } = await claimMessages(db.worker, 'email');
	expect(messages.map((message) => message.id)).toEqual([sent!.messageId]);
	expect(await storedMessage(db, held!.messageId)).toMatchObject({ status: 'queued' });
	await db.admin.execute(sql`update organizations set time_zone = 'UTC' where id = ${odd.orgId}`);
});
