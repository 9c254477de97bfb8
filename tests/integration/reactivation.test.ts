import { sql } from 'drizzle-orm';
import { afterAll, beforeAll } from 'vitest';
import { setConfig } from '../../src/lib/server/config.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { onActivate } from '../../src/lib/server/enrollments/onActivate.ts';
import { onDeactivate } from '../../src/lib/server/enrollments/onDeactivate.ts';
import { deliver } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { shiftClock } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import {
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	minutes,
	planOf,
	runEngine
} from '../support/engineWorld.ts';
import { as } from '../support/liveRuns.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtpSink.ts';

let sink: SmtpSink;
beforeAll(async () => {
	sink = await startSmtpSink();
});
afterAll(async () => {
	setConfig(undefined);
	await sink.stop();
});

test('DEA-2, EXE-6: what is overdue when a cadence goes on is spread under the daily limit, in due order', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeWorld(db);
	await db.admin.execute(
		sql`update organizations set emails_per_day = 5, time_zone = 'UTC' where id = ${world.orgId}`
	);
	const plan = planOf([email('mail', [], { templateId: world.templateId })], {}, minutes(60));
	const { cadenceId } = await makeCadence(db, world, plan);
	const people = Array.from({ length: 12 }, (_, i) => `p${String(i).padStart(2, '0')}@people.example`);
	const ids = await makeLeads(
		db,
		world,
		people.map((to) => ({ data: { email: to } }))
	);
	const sent = (from: number, to: number) =>
		sink.mails
			.slice(from, to)
			.map((mail) => mail.to[0]!)
			.sort();
	try {
		const enroll = (some: string[]) =>
			as(db, world.actor, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids: some } }));
		await enroll(ids.slice(0, 5));
		await shiftClock(db, '2 hours');
		// Five messages wait for a sender; the other records are overdue by an hour when the cadence is deactivated.
		await runEngine(db);
		await enroll(ids.slice(5));
		await shiftClock(db, '4 hours');
		await as(db, world.actor, async (tx) => {
			await tx.execute(sql`update cadences set state = 'inactive' where id = ${cadenceId}::uuid`);
			expect(await onDeactivate(tx, world.actor, { cadenceId })).toMatchObject({ paused: 12 });
		});
		await shiftClock(db, '6 hours');
		await runEngine(db);
		await deliver(db);
		expect(sink.mails).toHaveLength(0);
		await shiftClock(db, '7 hours');
		await as(db, world.actor, async (tx) => {
			await tx.execute(sql`update cadences set state = 'active' where id = ${cadenceId}::uuid`);
			expect(await onActivate(tx, world.actor, { cadenceId, halted: 'continue' })).toMatchObject({
				resumed: 12
			});
		});
		await runEngine(db);
		await deliver(db);
		expect(sent(0, Infinity)).toEqual(people.slice(0, 5));
		const waiting = await db.admin.execute(sql`
			select distinct wait_reason, extract(hour from not_before at time zone 'UTC')::int as hour from messages
			where cadence_id = ${cadenceId} and status = 'queued'`);
		expect([...waiting]).toEqual([{ wait_reason: 'limit', hour: 0 }]);
		await shiftClock(db, '33 hours');
		await deliver(db);
		const next = sent(5, Infinity);
		expect(next).toHaveLength(5);
		expect(people.slice(5)).toEqual(expect.arrayContaining(next));
		const [quota] = await db.admin.execute(
			sql`select array_agg(used order by day) as used from email_quotas where org_id = ${world.orgId}`
		);
		expect(quota!['used']).toEqual([5, 5]);
	} finally {
		await shiftClock(db, '0');
	}
});
