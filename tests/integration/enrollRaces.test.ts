import { sql } from 'drizzle-orm';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { drainRecordChanges } from '../../src/lib/server/engine/drainRecordChanges.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { restartEnrollments } from '../../src/lib/server/enrollments/restartEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { deleteRecords } from '../../src/lib/server/records/deleteRecords.ts';
import { expect, test } from '../support/db.ts';
import {
	branch,
	days,
	enroll,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runsOf,
	task
} from '../support/engineWorld.ts';

const criteria = { field: 'rating', op: 'is' as const, value: 'Cold' };
const plan = planOf(
	[task('a', [branch('a', { response: 'created' }, 'b', days(1))]), task('b')],
	{ unenroll: { leavesView: false, onDate: null, criteria, outcomes: [] } },
	days(3)
);

test.for(['enroll', 'resume', 'restart'] as const)(
	'ENR-1, REE-1, UNE-7: a record that is deleted or changed while its run begins or goes on (%s) leaves at once',
	async (way, { db }) => {
		const world = await makeWorld(db);
		const ids = await makeLeads(db, world, [{}, {}]);
		const { cadenceId } = await makeCadence(db, world, plan);
		const as = <T>(work: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, world.orgId, work);
		if (way !== 'enroll') await enroll(db, world, cadenceId, ids);
		const enrollmentIds = (await runsOf(db, cadenceId)).map((run) => run.id);
		if (way !== 'enroll') await as((tx) => unenrollRecords(tx, world.actor, { target: { enrollmentIds } }));
		const begin = {
			enroll: (tx: OrgTx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }),
			resume: (tx: OrgTx) => resumeEnrollments(tx, world.actor, { enrollmentIds }),
			restart: (tx: OrgTx) => restartEnrollments(tx, world.actor, { enrollmentIds })
		};
		const drain = async () => {
			while (await drainRecordChanges(db.worker));
		};
		const others: Promise<unknown>[] = [];
		await as(async (tx) => {
			await begin[way](tx);
			others.push(
				as((other) => deleteRecords(other, world.actor, { moduleKey: 'leads', ids: [ids[0]!] })),
				db.admin.execute(
					sql`update records set data = data || '{"rating": "Cold"}' where id = ${ids[1]!}::uuid`
				)
			);
			// They are done by now, or wait for this transaction.
			let done = 0;
			for (const other of others) void other.then(() => done++);
			await expect
				.poll(async () => {
					const [row] = await db.admin.execute<{ n: number }>(sql`
						select count(*)::int as n from pg_stat_activity
						where datname = current_database() and wait_event_type = 'Lock'`);
					return row!.n + done;
				})
				.toBe(2);
			await drain();
		});
		await Promise.all(others);
		await drain();
		const reasons = new Map((await runsOf(db, cadenceId)).map((run) => [run.record_id, run.end_reason]));
		expect(ids.map((id) => reasons.get(id))).toEqual(['record_deleted', 'criteria']);
	}
);
