import { sql } from 'drizzle-orm';
import type { DraftSettings } from '../../../src/lib/domain/cadence/draft.ts';
import type { Plan, PlanAction } from '../../../src/lib/domain/plan/plan.ts';
import type { Executor } from '../../../src/lib/server/db/client.ts';
import type { TestDatabase } from '../../support/clone.ts';
import {
	branch,
	email,
	makeCadence,
	makeView,
	makeWorld,
	planOf,
	task,
	type World
} from '../../support/engineWorld.ts';

/** What a machine of this size would be given in production; nothing that weakens durability. */
export const clusterSettings = [
	'shared_buffers=2GB',
	'effective_cache_size=6GB',
	'wal_compression=on',
	'max_wal_size=8GB',
	'checkpoint_timeout=15min',
	'jit=off',
	// When a step was committed, for its lateness.
	'track_commit_timestamp=on'
];

/** Half of the records have a zone of their own, so wall clocks differ within every batch. */
const zones = ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Sydney'];

/** An organization whose owner, sender and template are those of every action. */
export async function makeBenchWorld(db: TestDatabase): Promise<World> {
	const world = await makeWorld(db, { timeZone: 'Europe/Paris' });
	// The day's limit of the edition is not what is measured (LIM-4).
	await db.admin.execute(
		sql`update organizations set emails_per_day = 100000000, holidays = '["2026-12-25", "2027-01-01"]' where id = ${world.orgId}`
	);
	await db.admin.execute(sql`
		update email_templates set subject = 'Hello {{lead.firstName}}', html = ${mail} where id = ${world.templateId}`);
	return world;
}

const mail =
	'<p>Hello {{lead.firstName}}, <a href="https://a.example/offer">our offer</a> for {{lead.company}} ends soon.</p>'.repeat(
		3
	) + '<p><a href="{{unsubscribeLink}}">Stop</a></p>';

/** Leads as an import leaves them; their changes count as drained. `offset` keeps their addresses apart. */
export async function seedLeads(
	db: TestDatabase,
	world: World,
	n: number,
	offset = 0,
	analyze = true
): Promise<void> {
	if (n <= 0) return;
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`alter table records disable trigger user`);
		await tx.execute(sql`
			insert into records (org_id, id, module_id, name, owner_id, data, search, time_zone)
			select ${world.orgId}::uuid, app.new_id(), ${world.moduleId}::uuid, 'Lead ' || i, ${world.actor.userId}::uuid,
				jsonb_build_object('firstName', 'Lea', 'lastName', 'Lead ' || i, 'email', 'lead' || i || '@reader.example',
					'phone', '+4930' || (1000000 + i), 'company', 'Company ' || i % 977, 'city', 'Town ' || i % 331,
					'country', 'Country ' || i % 53, 'leadStatus', 'New', 'leadSource', 'Web Form', 'employees', i % 1000,
					'title', case when i % 100 = 0 then 'Poison' else 'Head of purchasing' end, 'website', 'https://company' || i % 977 || '.example'),
				'lead ' || i || ' lead' || i || '@reader.example',
				case when i % 2 = 0 then (${sql.param(zones)}::text[])[1 + (i / 2) % 4] end
			from generate_series(${offset + 1}::int, ${offset + n}::int) i`);
		await tx.execute(sql`alter table records enable trigger user`);
	});
	if (analyze) await db.admin.execute(sql`vacuum analyze records`);
}

/** In the view is who has a name and a status that is still open; whoever is lost leaves (UNE-1 a, c). */
const inView = {
	all: [
		{ field: 'lastName', op: 'notEmpty' as const },
		{ field: 'leadStatus', op: 'notIn' as const, value: ['Lost', 'Not Qualified'] }
	]
};
const allChecks: Partial<DraftSettings> = {
	unenroll: {
		leavesView: true,
		onDate: '2099-01-01',
		criteria: {
			any: [
				{ field: 'rating', op: 'is', value: 'Cold' },
				{ field: 'country', op: 'is', value: 'Nowhere' },
				{ field: 'employees', op: 'gt', value: 1_000_000 }
			]
		},
		outcomes: []
	}
};

/** A chain of tasks, each due the next business day at a time of the record's zone, one following the other at once. */
export const taskChain = (actions: number, subject = 'Call back'): Plan =>
	planOf(
		Array.from({ length: actions }, (_, i): PlanAction => ({
			...task(
				`step${i + 1}`,
				i + 1 < actions ? [branch(`step${i + 1}`, { response: 'created' }, `step${i + 2}`)] : [],
				i === 0 ? { subject } : {}
			),
			followUp: i + 1
		})),
		allChecks
	);

/** Two tasks, the second a day after the first is done. */
export const waitingTasks = planOf(
	[
		task('step1', [
			branch('step1', { response: 'status', parameter: 'Completed' }, 'step2', { amount: 1, unit: 'days' })
		]),
		task('step2')
	],
	allChecks
);

/** One e-mail with merge fields and a tracked link. */
export const oneMail = ({ templateId, senderId }: World): Plan =>
	planOf([email('step1', [], { templateId, sender: { kind: 'sender', senderId } })], allChecks);

/** What the database refuses for every hundredth lead (`refusePoison`). */
export const poisonSubject = 'Call {{lead.title}}';

export async function makeBenchCadence(db: TestDatabase, world: World, plan: Plan) {
	const viewId = await makeView(db, world, inView);
	return makeCadence(db, world, plan, { viewId });
}

type Seeded = { cadenceId: string; versionId: string };

/**
 * Runs of the cadence's first action, by one statement, with their log and count as enrolling writes them. `due`: seconds
 * from now at which row i is due (SQL over `i`).
 */
export async function insertRuns(
	tx: Executor,
	world: World,
	{ cadenceId, versionId }: Seeded,
	options: { n: number; due?: string; log?: boolean }
): Promise<void> {
	const due = sql.raw(options.due ?? '0');
	await tx.execute(sql`
		with made as (
			insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, next_branch_id, next_action_id, due_at)
			select r.org_id, app.new_id(), ${cadenceId}::uuid, r.id, ${versionId}::uuid, 'view', 'start/entry', 'step1',
				r.now + make_interval(secs => ${due})
			from (select org_id, id, row_number() over (order by id) as i, n.now
				from (select app.now() as now offset 0) n cross join records
				where org_id = ${world.orgId} order by id limit ${options.n}) r
			returning org_id, id, record_id
		), logged as (
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, kind, detail, enrolled_day, day)
			select m.org_id, app.now(), ${cadenceId}::uuid, ${versionId}::uuid, m.id, 1, m.record_id, 'enrolled', 'view',
				current_date, current_date from made m where ${options.log ?? true}
		)
		insert into report_deltas (org_id, cadence_id, version_id, kind, detail, first, day, enrolled_day, count)
		select ${world.orgId}::uuid, ${cadenceId}::uuid, ${versionId}::uuid, 'enrolled', 'view', true, current_date, current_date,
			count(*) from made`);
}

/** The same, ready to be measured. When each is due stays in `bench_due`, since a run forgets it. */
export async function seedRuns(
	db: TestDatabase,
	world: World,
	cadence: Seeded,
	options: { n: number; due?: string; analyze?: boolean }
): Promise<void> {
	await insertRuns(db.admin, world, cadence, options);
	if (options.due)
		await db.admin.execute(sql`
			create table if not exists bench_due (id uuid primary key, due_at timestamptz)`);
	if (options.due)
		await db.admin.execute(sql`
			insert into bench_due select id, due_at from enrollments where cadence_id = ${cadence.cadenceId}`);
	if (options.analyze ?? true) await db.admin.execute(sql`vacuum analyze enrollments`);
}

/** Stands for whatever a database may refuse: the engine knows nothing of it before it writes. */
export const refusePoison = (db: TestDatabase) =>
	db.admin.execute(
		sql`alter table activities add constraint no_poison check (subject <> 'Call Poison') not valid`
	);

export const allowPoison = (db: TestDatabase) =>
	db.admin.execute(sql`alter table activities drop constraint no_poison`);
