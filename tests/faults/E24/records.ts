import { sql } from 'drizzle-orm';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import type { TestDatabase } from '../../support/clone.ts';
import {
	branch,
	days,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	task
} from '../../support/engineWorld.ts';

export type Scanned = { orgId: string; cadenceId: string };

/** Half of the records are in the view. Each un-enrollment notes, in its transaction, whether its record still was. */
export async function makeScannedCadence(db: TestDatabase, records: number): Promise<Scanned> {
	const world = await makeWorld(db);
	const viewId = await makeView(db, world, { field: 'leadStatus', op: 'is', value: 'Contacted' });
	const plan = planOf([task('a', [branch('a', { response: 'created' }, 'b', days(3))]), task('b')], {
		viewId,
		unenroll: { leavesView: true, onDate: null, criteria: null, outcomes: [] }
	});
	const { cadenceId } = await makeCadence(db, world, plan, { viewId });
	await makeLeads(
		db,
		world,
		Array.from({ length: records }, (_, i) => ({ data: { leadStatus: i % 2 ? 'Contacted' : 'New' } }))
	);
	await db.admin.execute(sql`create table unenrollments (enrollment_id uuid, in_view boolean)`);
	await db.admin.execute(sql`grant insert on unenrollments to app_worker`);
	await db.admin.execute(sql`
		create function note_unenrollment() returns trigger language plpgsql security definer as $$ begin
			insert into unenrollments select new.id, r.data ->> 'leadStatus' = 'Contacted' from records r
				where r.org_id = new.org_id and r.id = new.record_id;
			return null;
		end $$`);
	await db.admin.execute(sql`
		create trigger note after update of status on enrollments for each row
		when (old.status in ('active', 'paused') and new.status = 'stopped') execute function note_unenrollment()`);
	return { orgId: world.orgId, cadenceId };
}

/** Some leave the view, some enter it. */
export const flipSome = (db: TestDatabase, { orgId }: Scanned, random: Random) =>
	db.admin.execute(sql`
		update records set data = jsonb_set(data, '{leadStatus}',
			case data ->> 'leadStatus' when 'Contacted' then '"New"'::jsonb else '"Contacted"'::jsonb end)
		where org_id = ${orgId} and abs(hashtext(id::text || ${String(random.next())})) % 100 = 0`);

export type ScanEnd = {
	enrolled: number;
	unenrolled: number;
	wrong: number;
	liveOutside: number;
	missing: number;
};

export async function readScan(db: TestDatabase, { orgId, cadenceId }: Scanned): Promise<ScanEnd> {
	const [row] = await db.admin.execute<ScanEnd>(sql`
		select (select count(*) from enrollments where cadence_id = ${cadenceId})::int as enrolled,
			(select count(*) from unenrollments)::int as unenrolled,
			(select count(*) from unenrollments where in_view)::int as wrong,
			(select count(*) from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
				where e.cadence_id = ${cadenceId} and e.status = 'active' and r.data ->> 'leadStatus' <> 'Contacted')::int as "liveOutside",
			(select count(*) from records r where r.org_id = ${orgId} and r.data ->> 'leadStatus' = 'Contacted'
				and not exists (select 1 from enrollments e where e.cadence_id = ${cadenceId} and e.record_id = r.id))::int as missing`);
	return row!;
}
