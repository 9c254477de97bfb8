import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { claimLeaseSeconds } from '../../src/lib/server/channels/outbox.ts';
import { createPassMarks } from '../../src/lib/server/engine/passMarks.ts';
import { recordResponses } from '../../src/lib/server/engine/recordResponses.ts';
import { takeInHand } from '../../src/lib/server/engine/takeInHand.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { branch, makeCadence, makeLeads, makeWorld, planOf, runsOf, task } from '../support/engineWorld.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

const script = fileURLToPath(new URL('../support/enginePass.ts', import.meta.url));
const preload = new URL('../support/poisonPreload.ts', import.meta.url).href;
/** What the preload looks for. */
const poison = 'ends-this-process';
const PEOPLE = 70;

/** Runs the engine in processes of its own until one ends in peace; how many died. */
async function runUntilPeace(db: TestDatabase): Promise<number> {
	for (let deaths = 0; deaths < 12; deaths++) {
		const signal = await new Promise<NodeJS.Signals | null>((done, failed) => {
			const child = spawn(process.execPath, ['--import', preload, script, db.urls.worker, '1000'], {
				stdio: ['ignore', 'ignore', 'inherit']
			});
			child.on('error', failed);
			child.on('exit', (code, signal) => (code ? failed(new Error(`exit ${code}`)) : done(signal)));
		});
		if (signal === null) return deaths;
		// Its marks are of the dead for certain: nobody waits for that here.
		await db.admin.execute(sql`update app.engine_passes set at = at - interval '10 seconds'`);
	}
	throw new Error('It goes on killing processes.');
}

/** As many processes died with this run in hand. */
async function diedBefore(db: TestDatabase, enrollmentId: string, times: number): Promise<void> {
	for (let n = 0; n < times; n++) {
		const lost = Promise.withResolvers<string>();
		await db.admin
			.transaction(async (tx) => {
				const [row] = await tx.execute<{ xid: string }>(sql`select pg_current_xact_id()::text as xid`);
				lost.resolve(row!.xid);
				throw new Error('died');
			})
			.catch(() => undefined);
		await db.admin.execute(sql`
			insert into app.engine_passes (lane, xid, ids) values (app.new_id(), ${await lost.promise}::xid8, array[${enrollmentId}::uuid])`);
	}
}

async function enrolled(db: TestDatabase, names: string[]) {
	const world = await makeWorld(db);
	const { cadenceId } = await makeCadence(
		db,
		world,
		planOf([
			task('a', [branch('a', { response: 'overdue' }, 'b')], { subject: 'Call {{lead.lastName}}' }),
			task('b')
		])
	);
	const ids = await makeLeads(
		db,
		world,
		names.map((lastName) => ({ data: { lastName } }))
	);
	await withOrg(db.web, world.orgId, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
	return { world, cadenceId, ids };
}
const people = (n: number) => Array.from({ length: n }, (_, i) => `Lead ${i}`);

test('E16 short: a run that ends the process is set aside after five, the others of its pass are done', async ({
	db
}) => {
	const { cadenceId, ids } = await enrolled(db, people(PEOPLE).with(41, poison));
	expect(await runUntilPeace(db)).toBe(5);
	const runs = await runsOf(db, cadenceId);
	const aside = runs.filter((run) => run.quarantine_reason !== null);
	expect(aside.map((run) => [run.record_id, run.current_action_id])).toEqual([[ids[41], null]]);
	expect(aside[0]!.quarantine_reason).toMatch(/ended the engine's process 5 times/);
	expect(runs.filter((run) => run.current_action_id === 'a')).toHaveLength(PEOPLE - 1);
}, 60_000);

test('E16 short: a response that ends the process is set aside with its run, the others are applied', async ({
	db
}) => {
	const { world, cadenceId } = await enrolled(db, people(40));
	expect(await runUntilPeace(db)).toBe(0);
	const runs = await runsOf(db, cadenceId);
	await recordResponses(
		db.worker,
		runs.map(({ id }, i) => ({
			orgId: world.orgId,
			enrollmentId: id,
			runNo: 1,
			actionId: 'a',
			kind: 'replied' as const,
			detail: { note: i === 11 ? poison : 'fine' }
		}))
	);
	await diedBefore(db, runs[11]!.id, 3);
	expect(await runUntilPeace(db)).toBe(2);
	const after = await runsOf(db, cadenceId);
	expect(after.filter((run) => run.quarantine_reason).map((run) => run.id)).toEqual([runs[11]!.id]);
	expect(after.filter((run) => run.last_response === 'replied')).toHaveLength(39);
	const left = await db.admin.execute<{ enrollment_id: string; aside: boolean }>(
		sql`select enrollment_id, quarantined_at is not null as aside from responses where org_id = ${world.orgId}`
	);
	expect([...left]).toEqual([{ enrollment_id: runs[11]!.id, aside: true }]);
}, 60_000);

test('E16 short: a lane that only lost its pass takes its mark back and blames nobody', async ({ db }) => {
	const { cadenceId } = await enrolled(db, people(3));
	const ids = (await runsOf(db, cadenceId)).map((run) => run.id);
	const marks = createPassMarks(db.urls.worker);
	const [lost, other] = [marks.newLane(), marks.newLane()];
	/** A pass that is rolled back with the runs in hand. */
	const lose = async () => {
		await db.worker
			.transaction(async (tx) => {
				const [row] = await tx.execute<{ xid: string }>(sql`select pg_current_xact_id()::text as xid`);
				await lost.begin(row!.xid, ids);
				throw new Error('the connection is gone');
			})
			.catch(() => undefined);
	};
	const looks = () =>
		db.worker.transaction(async (tx) => {
			const [row] = await tx.execute<{ xid: string }>(sql`select pg_current_xact_id()::text as xid`);
			return other.begin(row!.xid, ids.slice(1));
		});
	try {
		await lose();
		expect([...(await looks())].toSorted()).toEqual(
			ids.slice(1).map((id) => [id, { crashes: 1, certain: false }])
		);
		await other.absolve([ids[1]!]);
		expect([...(await looks()).keys()]).toEqual([ids[2]]);
		await lost.clear();
		expect((await looks()).size).toBe(0);
	} finally {
		await marks.stop();
	}
});

test('E16: while a message that a process died over is tried, no run that died with one is: it would be blamed for the message', async ({
	db
}) => {
	const { world, cadenceId } = await enrolled(db, people(3));
	const [suspect, ...others] = await runsOf(db, cadenceId);
	await diedBefore(db, suspect!.id, 2);
	const marks = createPassMarks(db.urls.worker);
	const lane = marks.newLane();
	const chosen = () =>
		db.worker.transaction(async (tx) => {
			const [row] = await tx.execute<{ xid: string }>(sql`select pg_current_xact_id()::text as xid`);
			const runs = [suspect!, ...others].map(({ id }) => ({ id, org_id: world.orgId }));
			return (await takeInHand(tx, lane, row!.xid, runs)).rows.map(({ id }) => id);
		});
	try {
		expect(await chosen()).toEqual([suspect!.id]);
		await db.admin.execute(sql`
			insert into messages (org_id, id, channel, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id,
				to_address, status, crashes, claim, lease_until)
			select org_id, app.new_id(), 'email', app.new_id(), id, 1, 'a', cadence_id, record_id, 'a@b.example', 'claimed', 1,
				app.new_id(), clock_timestamp() + make_interval(secs => ${claimLeaseSeconds})
			from enrollments where id = ${suspect!.id}`);
		expect(await chosen()).toEqual(others.map(({ id }) => id));
		// What kills does so at once: a hand-over that goes on keeps nobody waiting.
		await db.admin.execute(sql`update messages set lease_until = lease_until - interval '11 seconds'`);
		expect(await chosen()).toEqual([suspect!.id]);
	} finally {
		await marks.stop();
	}
});

test('E16: a pass that finds runs a process died with is no evidence against the others it looked at', async ({
	db
}) => {
	const { cadenceId } = await enrolled(db, people(3));
	const ids = (await runsOf(db, cadenceId)).map((run) => run.id);
	await diedBefore(db, ids[0]!, 1);
	const marks = createPassMarks(db.urls.worker);
	try {
		// Dies between the look and the choice.
		await db.worker
			.transaction(async (tx) => {
				const [row] = await tx.execute<{ xid: string }>(sql`select pg_current_xact_id()::text as xid`);
				expect([...(await marks.newLane().begin(row!.xid, ids)).keys()]).toEqual([ids[0]]);
				throw new Error('died');
			})
			.catch((error: Error) => expect(error.message).toBe('died'));
		const known = await db.worker.transaction(async (tx) => {
			const [row] = await tx.execute<{ xid: string }>(sql`select pg_current_xact_id()::text as xid`);
			return marks.newLane().begin(row!.xid, ids);
		});
		expect([...known].map(([id, { crashes }]) => [id, crashes])).toEqual([[ids[0], 1]]);
	} finally {
		await marks.stop();
	}
});
