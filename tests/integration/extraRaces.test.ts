import { sql } from 'drizzle-orm';
import { isDomainError } from '../../src/lib/domain/errors.ts';
import { isRowFault } from '../../src/lib/server/engine/poison.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { advance } from '../../src/lib/server/engine/advance.ts';
import { newLane } from '../../src/lib/server/engine/claimDue.ts';
import { drainRecordChanges } from '../../src/lib/server/engine/drainRecordChanges.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { deleteRecords } from '../../src/lib/server/records/deleteRecords.ts';
import { updateRecord } from '../../src/lib/server/records/updateRecord.ts';
import { expect, test } from '../support/db.ts';
import {
	branch,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	task
} from '../support/engineWorld.ts';
import { enrollInto, tags, updateField } from '../support/extraActions.ts';

test(
	'RELIABILITY 2.4: passes that change records, people who edit and delete them, and cadences that enroll into each other never wait in a ring',
	{ timeout: 60_000 },
	async ({ db }) => {
		const world = await makeWorld(db);
		const { cadenceId: welcome } = await makeCadence(db, world, planOf([task('t')]));
		const plan = planOf([
			updateField('a', { field: 'description', value: '{{lead.description}}a' }, [
				branch('a', { response: 'done' }, 'b')
			]),
			tags('b', { add: ['seen'], remove: [] }, [branch('b', { response: 'done' }, 'c')]),
			enrollInto('c', { cadenceId: welcome })
		]);
		const made = [await makeCadence(db, world, plan), await makeCadence(db, world, plan)];
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 30 }, () => ({}))
		);
		for (const { cadenceId } of made)
			await withOrg(db.web, world.orgId, (tx) =>
				enrollRecords(tx, world.actor, { cadenceId, records: { ids } })
			);
		const deadlocks: unknown[] = [];
		const note = (error: unknown) => {
			// Whoever edits what was just deleted is told so.
			if (isDomainError(error)) return;
			if (isRowFault(error)) throw error;
			deadlocks.push((error as { cause?: unknown }).cause ?? error);
		};
		const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
		let over = false;
		const lane = async () => {
			const own = newLane(15);
			while (!over) {
				const pass = await advance(db.worker, own).catch(note);
				if (!pass?.claimed) await sleep(10);
			}
		};
		const editor = async (from: number) => {
			for (let i = from; i < ids.length; i += 3)
				await withOrg(db.web, world.orgId, (tx) =>
					updateRecord(tx, world.actor, { recordId: ids[i]!, values: { company: `By hand ${i}` } })
				).catch(note);
		};
		const remover = async () => {
			for (let i = 0; i < ids.length; i += 10)
				await withOrg(db.web, world.orgId, (tx) =>
					deleteRecords(tx, world.actor, { moduleKey: 'leads', ids: ids.slice(i, i + 3) })
				).catch(note);
		};
		const drainer = async () => {
			while (!over) if (!(await drainRecordChanges(db.worker).catch(note))) await sleep(10);
		};
		const background = [lane(), lane(), drainer()];
		await Promise.all([editor(1), editor(2), remover()]);
		over = true;
		await Promise.all(background);
		await sleep(300);
		await runEngine(db);
		while (await drainRecordChanges(db.worker));
		expect(deadlocks).toEqual([]);
		const [sum] = await db.admin.execute<{ wrong: number; kept: number; open: number }>(sql`
		select count(*) filter (where deleted_at is null and (data ->> 'description' is distinct from 'aa' or tags <> '{seen}'))::int as wrong,
			count(*) filter (where deleted_at is null)::int as kept,
			(select count(*)::int from enrollments e where e.cadence_id = any(${sql.param(made.map((one) => one.cadenceId))}::uuid[])
				and e.status in ('active', 'paused')) as open
		from records where id = any(${sql.param(ids)}::uuid[])`);
		expect(sum).toEqual({ wrong: 0, kept: 21, open: 0 });
		const [entered] = await db.admin.execute<{ n: number; twice: number }>(sql`
		select count(*)::int as n, count(*)::int - count(distinct record_id)::int as twice
		from enrollments e join records r on r.id = e.record_id
		where cadence_id = ${welcome} and r.deleted_at is null`);
		expect(entered).toEqual({ n: 21, twice: 0 });
	}
);
