import { sql } from 'drizzle-orm';
import { sendWebhooks } from '../../src/lib/server/channels/webhook/sendWebhooks.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import type { PlanBranch } from '../../src/lib/domain/plan/plan.ts';
import { useConfig } from './config.ts';
import { shiftClock } from './crm.ts';
import type { TestDatabase } from './db.ts';
import {
	branch,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task,
	type World
} from './engineWorld.ts';
import { webhook } from './extraActions.ts';
import { startWebhookSink, type HookAnswer } from './webhookSink.ts';

type Sink = Awaited<ReturnType<typeof startWebhookSink>>;

/** A receiver, and the configuration that lets the worker reach it. */
export async function withSink(
	db: TestDatabase,
	answer: (path: string, nth: number) => HookAnswer,
	use: (sink: Sink, world: World) => Promise<void>
): Promise<void> {
	const sink = await startWebhookSink(answer);
	useConfig(db.urls);
	try {
		await use(sink, await makeWorld(db));
	} finally {
		await sink.stop();
		setConfig(undefined);
		await shiftClock(db, '0');
	}
}

/** Records whose webhook is queued: `done` and `failed` lead to tasks of these names unless said otherwise. */
export async function queueHooks(
	db: TestDatabase,
	world: World,
	url: string,
	n = 1,
	branches?: PlanBranch[]
) {
	const plan = planOf([
		webhook(
			'hook',
			{ url },
			branches ?? [branch('hook', { response: 'done' }, 'yes'), branch('hook', { response: 'failed' }, 'no')]
		),
		{ ...task('yes'), followUp: 2 },
		{ ...task('no'), followUp: 2 }
	]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: n }, (_, i) => ({ data: { lastName: `Lead ${i}`, company: 'Initech' } }))
	);
	await withOrg(db.web, world.orgId, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
	await runEngine(db);
	return { cadenceId, ids };
}

export const callsOf = (db: TestDatabase, cadenceId: string) =>
	db.admin.execute<{
		status: string;
		attempts: number;
		wait_reason: string | null;
		last_error: string | null;
		minutes: number;
		action_run_id: string;
	}>(sql`
		select status, attempts, wait_reason, last_error, action_run_id,
			(extract(epoch from not_before - app.now()) / 60)::float8 as minutes
		from webhook_calls where cadence_id = ${cadenceId} order by id`);

/** Where each run of the cadence stands. */
export const at = async (db: TestDatabase, cadenceId: string) =>
	(await runsOf(db, cadenceId)).map((run) => [run.status, run.current_action_id, run.end_reason]);

export const send = (db: TestDatabase) => sendWebhooks(db.worker, { timeoutMs: 400 });
