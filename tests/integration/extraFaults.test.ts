import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { makeUser, rep } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	task
} from '../support/engineWorld.ts';
import { changeOwner, condition, enrollInto, tags, updateField, webhook } from '../support/extraActions.ts';
import { passIn } from '../support/startPass.ts';

/** Everything that the cadence, the one it enrolls into and their records show, as counts. */
async function historyOf(db: TestDatabase, cadenceIds: string[], ids: string[]): Promise<string[]> {
	const cadences = sql`any(${sql.param(cadenceIds)}::uuid[])`;
	const records = sql`any(${sql.param(ids)}::uuid[])`;
	const rows = await db.admin.execute(sql`
		select 'event ' || kind || ' ' || coalesce(action_id, '') || ' ' || coalesce(detail, '') || ' ' || first || ' '
			|| coalesce(data ->> 'outcome', '') as what, count(*)::int as n
		from events where cadence_id = ${cadences} group by 1
		union all select 'run ' || status || ' ' || coalesce(end_reason, ''), count(*)::int
		from enrollments where cadence_id = ${cadences} group by 1
		union all select 'record ' || tags::text || ' ' || coalesce(data ->> 'description', ''), count(*)::int
		from records where id = ${records} group by 1
		union all select 'audit ' || (after #>> '{}')::jsonb::text, count(*)::int
		from audit_entries where object_id = ${records} and after ? 'description' group by 1
		union all select 'audit tags', count(*)::int from audit_entries where object_id = ${records} and after ? 'tags'
		union all select 'call ' || status, count(*)::int from webhook_calls where cadence_id = ${cadences} group by 1
		union all select 'review ' || t.status, count(*)::int from activities t
			join enrollments e on e.id = t.enrollment_id where e.cadence_id = ${cadences} and t.review group by 1
		union all select 'message ' || m.status || ' ' || coalesce(m.wait_reason, ''), count(*)::int
		from messages m where m.cadence_id = ${cadences} group by 1
		union all select 'owned ' || n, count(*)::int from (
			select count(*) as n from records where id = ${records} group by owner_id) o group by 1
		order by 1`);
	return rows.map((row) => `${String(row.what)}: ${String(row.n)}`);
}

test(
	'E2, EXE-1: a pass killed anywhere does every kind of extra action once',
	{ timeout: 180_000 },
	async ({ db }) => {
		const world = await makeWorld(db);
		const users: string[] = [];
		for (const name of ['Ann', 'Ben', 'Cid', 'Dan'])
			users.push((await makeUser(db, world.orgId, rep, name)).userId);
		const points = ['extras.written:4', 'batch.effects:5', 'advance.written:2'];
		const histories: string[][] = [];
		const signals: (NodeJS.Signals | null)[] = [];
		for (const point of [null, ...points]) {
			const { cadenceId: other } = await makeCadence(db, world, planOf([task('welcome')]));
			const done = (from: string, to: string) => [branch(from, { response: 'done' as const }, to)];
			const { cadenceId } = await makeCadence(
				db,
				world,
				planOf([
					updateField('note', { field: 'description', value: '{{lead.description}}x' }, done('note', 'tag')),
					tags('tag', { add: ['seen'], remove: [] }, done('tag', 'check')),
					condition('check', [['yes', { field: 'description', op: 'is', value: 'x' }, 'own']], 'hook'),
					changeOwner('own', { owner: { kind: 'roundRobin', userIds: users } }, done('own', 'in')),
					enrollInto('in', { cadenceId: other }, done('in', 'mail')),
					email('mail', [branch('mail', { response: 'sent' }, 'hook')], {
						templateId: world.templateId,
						sender: { kind: 'sender', senderId: world.senderId },
						review: true
					}),
					webhook('hook', { url: 'https://example.com/' })
				])
			);
			const ids = await makeLeads(
				db,
				world,
				Array.from({ length: 40 }, (_, i) => ({
					data: { email: `p${i}@b.example`, ...(i % 4 === 0 ? { description: 'old ' } : {}) }
				}))
			);
			await withOrg(db.web, world.orgId, (tx) =>
				enrollRecords(tx, world.actor, { cadenceId, records: { ids } })
			);
			if (point) signals.push(await passIn(db.urls.worker, point));
			await runEngine(db);
			histories.push(await historyOf(db, [cadenceId, other], ids));
		}
		expect(signals).toEqual(points.map(() => 'SIGKILL'));
		expect(histories[0]).toEqual(
			expect.arrayContaining([
				'record {seen} x: 30',
				'record {seen} old x: 10',
				'call queued: 10',
				'review Not started: 30',
				'message queued review: 30',
				'event done in  true enrolled: 30',
				'audit tags: 40'
			])
		);
		for (const history of histories) expect(history).toEqual(histories[0]);
	}
);
