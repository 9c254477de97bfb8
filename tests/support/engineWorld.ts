import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import type { Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import { emptyDraft, type DraftSettings } from '../../src/lib/domain/cadence/draft.ts';
import type { ResponseRef } from '../../src/lib/domain/cadence/responses.ts';
import { branchKey } from '../../src/lib/domain/cadence/responses.ts';
import type { Plan, PlanAction, PlanBranch, PlanExit, PlanNode } from '../../src/lib/domain/plan/plan.ts';
import { immediately, type Delay } from '../../src/lib/domain/time/delay.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { cadences, cadenceVersions } from '../../src/lib/server/db/schema/cadences.ts';
import { emailTemplates, senders } from '../../src/lib/server/db/schema/channels.ts';
import { records, views } from '../../src/lib/server/db/schema/crm.ts';
import { advance } from '../../src/lib/server/engine/advance.ts';
import { applyResponses } from '../../src/lib/server/engine/applyResponses.ts';
import { newLane } from '../../src/lib/server/engine/claimDue.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { getModule } from '../../src/lib/server/modules/getModule.ts';
import { makeOrg } from './crm.ts';
import type { TestDatabase } from './db.ts';

export const days = (amount: number): Delay => ({ amount, unit: 'days' });
export const minutes = (amount: number): Delay => ({ amount, unit: 'minutes' });

/** A branch of an action, keyed as the compiler keys it. */
export const branch = (
	actionId: string,
	when: ResponseRef | ResponseRef[],
	target: string,
	delay: Delay = immediately,
	more: Partial<PlanBranch> = {}
): PlanBranch => {
	const refs = Array.isArray(when) ? when : [when];
	return {
		id: branchKey(actionId, refs[0]!),
		when: refs,
		delay,
		target,
		negative: refs[0]!.response.startsWith('not'),
		rank: 0,
		...more
	};
};

type Of<K extends PlanAction['kind']> = Extract<PlanAction, { kind: K }>;

export const task = (id: string, branches: PlanBranch[] = [], config: Partial<Of<'task'>['config']> = {}) =>
	({
		kind: 'task',
		id,
		followUp: 1,
		title: id,
		branches,
		config: {
			subject: `Task ${id}`,
			description: '',
			due: { amount: 1, unit: 'businessDays', at: '17:00' },
			priority: 'Normal',
			owner: { kind: 'recordOwner' },
			reminder: null,
			...config
		}
	}) satisfies PlanAction;

export const call = (id: string, branches: PlanBranch[] = [], config: Partial<Of<'call'>['config']> = {}) =>
	({
		kind: 'call',
		id,
		followUp: 1,
		title: id,
		branches,
		config: {
			subject: `Call ${id}`,
			agenda: '',
			start: { amount: 0, unit: 'days', at: '10:00' },
			owner: { kind: 'recordOwner' },
			recipient: 'phone',
			reminder: null,
			...config
		}
	}) satisfies PlanAction;

export const email = (id: string, branches: PlanBranch[] = [], config: Partial<Of<'email'>['config']> = {}) =>
	({
		kind: 'email',
		id,
		followUp: 1,
		title: id,
		branches,
		config: {
			templateId: null,
			sender: { kind: 'recordOwner' },
			replyTo: '',
			recipient: 'email',
			threaded: false,
			...config
		}
	}) satisfies PlanAction;

export const exit = (id: string, goal = false, reason = ''): PlanExit => ({
	kind: 'exit',
	id,
	followUp: 2,
	reason,
	goal
});

export const planOf = (
	nodes: PlanNode[],
	settings: Partial<DraftSettings> = {},
	entryDelay: Delay = immediately
): Plan => ({
	format: 1,
	module: 'leads',
	entry: { id: 'start/entry', target: nodes[0]!.id, delay: entryDelay },
	nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
	settings: { ...emptyDraft().settings, ...settings }
});

/** What engine tests stand on: an organization, its leads module, a sender of the administrator and a template. */
export type World = { actor: Actor; orgId: string; moduleId: string; senderId: string; templateId: string };

export async function makeWorld(db: TestDatabase, options: { timeZone?: string } = {}): Promise<World> {
	const actor = await makeOrg(db, options);
	const { orgId, userId } = actor;
	const module = await withOrg(db.owner, orgId, (tx) => getModule(tx, 'leads'));
	const [senderId, templateId] = [newId(), newId()];
	await db.admin
		.insert(senders)
		.values({ orgId, id: senderId, userId, name: 'Ada', address: `ada-${senderId}@sender.example` });
	await db.admin
		.insert(emailTemplates)
		.values({ orgId, id: templateId, name: 'Hello', subject: 'Hi', html: '<p>Hi</p>' });
	return { actor, orgId, moduleId: module.id, senderId, templateId };
}

export async function makeView(db: TestDatabase, world: World, criteria: Criteria): Promise<string> {
	const id = newId();
	await db.admin.insert(views).values({
		orgId: world.orgId,
		id,
		moduleId: world.moduleId,
		name: `View ${id}`,
		criteria,
		columns: ['name'],
		sort: { field: 'name', direction: 'asc' }
	});
	return id;
}

/** A published cadence, active unless said otherwise. */
export async function makeCadence(
	db: TestDatabase,
	world: World,
	plan: Plan,
	options: { viewId?: string; state?: 'active' | 'inactive' } = {}
): Promise<{ cadenceId: string; versionId: string }> {
	const { orgId, moduleId, actor } = world;
	const [cadenceId, versionId] = [newId(), newId()];
	await db.admin.insert(cadences).values({
		orgId,
		id: cadenceId,
		moduleId,
		name: `Cadence ${cadenceId}`,
		enrollmentKind: options.viewId ? 'view' : 'manual',
		viewId: options.viewId ?? null,
		state: options.state ?? 'active',
		activeVersionId: versionId,
		createdBy: actor.userId
	});
	await db.admin.insert(cadenceVersions).values({
		orgId,
		id: versionId,
		cadenceId,
		n: 1,
		plan,
		planSha256: versionId,
		graph: emptyDraft(),
		docGeneration: 1,
		docSeq: 0,
		publishedBy: actor.userId
	});
	return { cadenceId, versionId };
}

/** Leads with the given data; their changes are already drained unless `keepChanges`. */
export async function makeLeads(
	db: TestDatabase,
	world: World,
	rows: (Partial<typeof records.$inferInsert> & { data?: Record<string, string> })[]
): Promise<string[]> {
	const made = rows.map((row, i) => ({
		orgId: world.orgId,
		id: newId(),
		moduleId: world.moduleId,
		name: `Lead ${i}`,
		ownerId: world.actor.userId,
		...row,
		data: { lastName: `Lead ${i}`, ...row.data }
	}));
	for (let at = 0; at < made.length; at += 2000)
		await db.admin.insert(records).values(made.slice(at, at + 2000));
	await db.admin.execute(sql`delete from record_changes where org_id = ${world.orgId}`);
	return made.map((row) => row.id);
}

/** Enrolls records by hand, as the world's actor. */
export const enroll = (db: TestDatabase, world: World, cadenceId: string, ids: string[]) =>
	withOrg(db.web, world.orgId, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));

/** A cadence, its records enrolled and everything that is due now done. */
export async function start(db: TestDatabase, world: World, plan: Plan, ids: string[]): Promise<string> {
	const { cadenceId } = await makeCadence(db, world, plan);
	await enroll(db, world, cadenceId, ids);
	await runEngine(db);
	return cadenceId;
}

/** Lets the engine do everything that is due now. */
export async function runEngine(db: TestDatabase): Promise<void> {
	const lane = newLane();
	for (let turn = 0; turn < 200; turn++) {
		const applied = await applyResponses(db.worker);
		const { claimed } = await advance(db.worker, lane);
		if (!applied && !claimed) return;
	}
	throw new Error('The engine did not come to rest.');
}

export type StoredRun = {
	id: string;
	record_id: string;
	status: string;
	end_reason: string | null;
	end_detail: string | null;
	current_action_id: string | null;
	next_branch_id: string | null;
	due_in_hours: number | null;
	run_no: number;
	follow_up: number;
	last_response: string | null;
	quarantine_reason: string | null;
};

/** The runs of a cadence, in order of enrollment. */
export async function runsOf(db: TestDatabase, cadenceId: string): Promise<StoredRun[]> {
	const rows = await db.admin.execute<StoredRun>(sql`
		select id, record_id, status, end_reason, end_detail, current_action_id, next_branch_id, run_no, follow_up, last_response,
			quarantine_reason, round(extract(epoch from due_at - app.now()) / 3600)::float8 as due_in_hours
		from enrollments where cadence_id = ${cadenceId} order by id`);
	return [...rows];
}

/** How often each kind of event is in the log of a cadence. */
export async function eventCounts(db: TestDatabase, cadenceId: string): Promise<Record<string, number>> {
	const rows = await db.admin.execute<{ kind: string; n: number }>(
		sql`select kind, count(*)::int as n from events where cadence_id = ${cadenceId} group by kind`
	);
	return Object.fromEntries(rows.map((row) => [row.kind, row.n]));
}
