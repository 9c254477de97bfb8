import { existsSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { sendTestMail } from '../../src/lib/server/channels/email/sendTestMail.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { makeCadence, makeMailParts } from '../support/cadences.ts';
import { useConfig } from '../support/config.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { draftOf } from '../support/draftOf.ts';
import { eventCounts, runEngine } from '../support/engineWorld.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtpSink.ts';
import { drainChanges, importLeads } from '../bench/slice/stages.ts';
import { leadsPath, readLeads, type Lead } from './emailCarryOver/leads.ts';

let sink: SmtpSink;
beforeAll(async () => {
	sink = await startSmtpSink();
});
afterAll(async () => {
	setConfig(undefined);
	closeSmtpPools();
	await sink.stop();
});

const zone = 'Asia/Kolkata';
const testAddress = 'ada@tester.example';

/** Puts the engine's clock on an instant of the organization's wall clock; it goes on from there. */
const moveTo = (db: TestDatabase, local: string) =>
	db.admin.execute(
		sql`update app.clock set shift = (${local}::timestamp at time zone ${zone}) - clock_timestamp()`
	);

/** An active cadence with one e-mail, and what a test send needs. */
const publish = (db: TestDatabase, actor: Actor) =>
	withOrg(db.web, actor.orgId, async (tx) => {
		const parts = await makeMailParts(tx, actor);
		const { templateId, senderId } = parts;
		const mail = { kind: 'email', title: 'First mail', templateId, recipient: 'email' };
		const draft = draftOf({ mail: { ...mail, sender: { kind: 'sender', senderId } } }, [
			['start', 'entry', 'mail']
		]);
		const cadenceId = await makeCadence(tx, actor, 'First mails', draft);
		await publishCadence(tx, actor, { cadenceId, expectedVersion: null });
		return { cadenceId, ...parts };
	});

/** Enrolls the leads of a wave and lets their first step run: their mails become due now. */
async function enroll(db: TestDatabase, actor: Actor, cadenceId: string, wave: readonly Lead[]) {
	const emails = sql.param(wave.map((lead) => lead.number));
	const rows = await db.admin.execute<{ id: string }>(sql`
		select id from records where org_id = ${actor.orgId} and data ->> 'leadNumber' = any(${emails}::text[])`);
	const ids = rows.map((row) => row.id);
	const outcome = await withOrg(db.web, actor.orgId, (tx) =>
		enrollRecords(tx, actor, { cadenceId, records: { ids } })
	);
	expect(outcome).toEqual({ kind: 'done', result: { enrolled: wave.length, skipped: {} } });
	await runEngine(db);
}

/** What waits, in due order. */
async function waiting(db: TestDatabase, orgId: string) {
	const rows = await db.admin.execute<{ to: string; reason: string | null; due: string }>(sql`
		select to_address as to, wait_reason as reason, (not_before at time zone ${zone})::date::text as due
		from messages where org_id = ${orgId} and status = 'queued' order by not_before, id`);
	return {
		to: rows.map((row) => row.to),
		reasons: [...new Set(rows.map((row) => row.reason))],
		days: [...new Set(rows.map((row) => row.due))]
	};
}

const quotas = async (db: TestDatabase, orgId: string) =>
	Object.fromEntries(
		(
			await db.admin.execute<{ day: string; used: number }>(
				sql`select day::text, used from email_quotas where org_id = ${orgId} order by day`
			)
		).map(({ day, used }) => [day, used])
	);

const mailed = () => sink.mails.map((mail) => mail.to[0]!).filter((to) => to !== testAddress);

test.runIf(existsSync(leadsPath))(
	'EXE-6: 1,200 mails to real leads at 500 a day: exactly 500, 500 and 200 leave, in due order, nobody twice, nobody forgotten',
	{ timeout: 60_000 },
	async ({ db }) => {
		useConfig(db.urls, { SMTP_URL: sink.url });
		const { csv, leads, mailable, optedOut, unusable } = await readLeads(1200);
		const actor = await makeOrg(db, { timeZone: zone });
		const { orgId } = actor;
		await moveTo(db, '2027-03-01 09:00');
		expect(await importLeads(db, actor, csv)).toBe(leads.length);
		await drainChanges(db);
		const { cadenceId, templateId, senderId } = await publish(db, actor);

		// Four waves from the end of the file to its beginning: due order is neither the file's nor the records' order.
		const size = Math.ceil(leads.length / 4);
		const waves = [3, 2, 1, 0].map((n) => leads.slice(n * size, (n + 1) * size));
		for (const [n, wave] of waves.entries()) {
			await moveTo(db, `2027-03-01 09:${n}0`);
			await enroll(db, actor, cadenceId, wave);
		}
		const order = (await waiting(db, orgId)).to;
		const rest = [...order];
		for (const wave of waves) {
			const own = wave.filter((lead) => lead.outcome === 'mailed').map((lead) => lead.email);
			expect(rest.splice(0, own.length).sort()).toEqual(own.sort());
		}
		expect(order).toHaveLength(mailable);

		const [record] = await db.admin.execute<{ id: string }>(
			sql`select id from records where org_id = ${orgId} limit 1`
		);
		const sendTest = () =>
			sendTestMail(db.web, actor, { templateId, senderId, recordId: record!.id, to: testAddress });
		await sendTest();
		expect(await quotas(db, orgId)).toEqual({});

		// Day 1: two processes' worth of claims at once share one counter.
		await Promise.all([sendMessages(db.worker, 'email'), sendMessages(db.worker, 'email')]);
		expect(mailed().sort()).toEqual(order.slice(0, 500).sort());
		expect(await waiting(db, orgId)).toEqual({
			to: order.slice(500),
			reasons: ['limit'],
			days: ['2027-03-02']
		});
		await sendTest();
		expect(await quotas(db, orgId)).toEqual({ '2027-03-01': 500 });

		await moveTo(db, '2027-03-01 23:59');
		await sendMessages(db.worker, 'email');
		expect(mailed()).toHaveLength(500);

		// Day 2: one line, so that the relay's log shows the order.
		await moveTo(db, '2027-03-02 00:05');
		await sendMessages(db.worker, 'email', { concurrency: 1 });
		expect(mailed().slice(500)).toEqual(order.slice(500, 1000));
		expect(await waiting(db, orgId)).toEqual({
			to: order.slice(1000),
			reasons: ['limit'],
			days: ['2027-03-03']
		});

		await moveTo(db, '2027-03-03 10:00');
		await sendMessages(db.worker, 'email');
		expect(mailed().slice(1000).sort()).toEqual(order.slice(1000).sort());
		expect((await waiting(db, orgId)).to).toEqual([]);
		expect(await quotas(db, orgId)).toEqual({
			'2027-03-01': 500,
			'2027-03-02': 500,
			'2027-03-03': 200
		});
		expect(new Set(mailed()).size).toBe(mailable);
		expect(sink.mails).toHaveLength(mailable + 2);

		await runEngine(db);
		const [ends] = await db.admin.execute(sql`
			select count(*) filter (where status = 'completed')::int as completed,
				count(*) filter (where status = 'failed')::int as failed, count(*)::int as total
			from enrollments where cadence_id = ${cadenceId}`);
		expect(ends).toEqual({ completed: mailable + optedOut, failed: unusable, total: leads.length });
		expect(await eventCounts(db, cadenceId)).toMatchObject({ enrolled: leads.length, sent: mailable });
	}
);
