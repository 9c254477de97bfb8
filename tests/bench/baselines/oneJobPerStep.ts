import { Logger, run } from 'graphile-worker';
import pg from 'pg';

const claim = `
	select e.org_id, e.id, e.cadence_id, e.version_id, e.record_id, e.run_no, e.next_action_id, e.done, e.enrolled_at::date as day
	from enrollments e join cadences c on c.org_id = e.org_id and c.id = e.cadence_id and c.state = 'active'
	where e.id = $1 and e.org_id = $2 and e.status = 'active' for update of e`;
const readPlan = `select plan from cadence_versions where org_id = $1 and id = $2`;
const readRecord = `
	select name, owner_id, data, time_zone, coalesce(data ->> 'rating' = 'Cold' or data ->> 'country' = 'Nowhere', false) as leaves
	from records where org_id = $1 and id = $2 and deleted_at is null`;
const recordRun = `
	insert into action_runs (org_id, id, enrollment_id, run_no, action_id, kind, status, executed_at)
	values ($1, $2, $3, $4, $5, 'task', 'executed', now())`;
const makeTask = `
	insert into activities (org_id, id, kind, record_id, owner_id, subject, status, due_at, action_run_id, enrollment_id, run_no, action_id)
	values ($1, $2, 'task', $3, $4, $5, 'Not started', now() + interval '1 day', $2, $6, $7, $8)`;
const logEvent = `
	insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, action_id, kind, enrolled_day, day)
	values ($1, now(), $2, $3, $4, $5, $6, $7, 'executed', $8, current_date)`;
const move = `
	update enrollments set next_action_id = $3, done = $4, due_at = case when $5 then null else now() end, current_action_id = $6,
		status = case when $5 then 'completed' else 'active' end, ended_at = case when $5 then now() end, version = version + 1
	where org_id = $1 and id = $2`;
const addJob = `select graphile_worker.add_job('step', $1)`;

type Payload = { org: string; id: string };
type Node = { branches: { target: string }[]; config: { subject: string } };

/**
 * The usual design, measured beside ours: a graphile-worker job per action at its best settings. Each is one transaction
 * that claims the run, reads plan and record, checks un-enrollment, records the action, writes activity, event and the
 * run's next state, and adds the job of the next action. @returns steps per second
 */
export async function oneJobPerStepPerSecond(
	workerUrl: string,
	cadenceId: string,
	actions: number
): Promise<number> {
	const pool = new pg.Pool({ connectionString: workerUrl, max: 30, connectionTimeoutMillis: 10_000 });
	pool.on('error', () => undefined);
	pool.on('connect', (client) => client.on('error', () => undefined));
	try {
		const runs = await pool.query<{ n: number }>(
			`select count(*)::int as n from (select graphile_worker.add_job('step', json_build_object('org', org_id, 'id', id))
				from enrollments where cadence_id = $1) x`,
			[cadenceId]
		);
		const steps = runs.rows[0]!.n * actions;
		await pool.query('vacuum analyze graphile_worker._private_jobs');
		let done = 0;
		const finished = Promise.withResolvers<void>();
		const startedAt = performance.now();
		const runner = await run({
			pgPool: pool,
			noHandleSignals: true,
			logger: new Logger(() => () => undefined),
			taskList: {
				step: async (payload) => {
					const { org, id } = payload as Payload;
					await step(pool, org, id);
					if (++done === steps) finished.resolve();
				}
			},
			preset: {
				worker: {
					concurrentJobs: 24,
					localQueue: { size: 500 },
					completeJobBatchDelay: 0,
					failJobBatchDelay: 0
				}
			}
		});
		await finished.promise;
		const seconds = (performance.now() - startedAt) / 1000;
		await runner.stop();
		return steps / seconds;
	} finally {
		await pool.end();
	}
}

async function step(pool: pg.Pool, org: string, id: string): Promise<void> {
	const client = await pool.connect();
	const ask = async <T>(name: string, text: string, values: unknown[]) =>
		(await client.query({ name, text, values })).rows[0] as T;
	try {
		await client.query('begin');
		const e = await ask<Record<string, string> & { done: string[] }>('claim', claim, [id, org]);
		const { plan } = await ask<{ plan: { nodes: Record<string, Node> } }>('plan', readPlan, [
			org,
			e.version_id
		]);
		const record = await ask<{ owner_id: string; leaves: boolean }>('record', readRecord, [org, e.record_id]);
		if (record.leaves) throw new Error('Nobody leaves in this measurement.');
		const action = e.next_action_id!;
		const node = plan.nodes[action]!;
		const next = node.branches[0]?.target ?? null;
		const actionRun = crypto.randomUUID();
		await ask('run', recordRun, [org, actionRun, id, e.run_no, action]);
		await ask('task', makeTask, [
			...[org, actionRun, e.record_id, record.owner_id, node.config.subject],
			...[id, e.run_no, action]
		]);
		await ask('event', logEvent, [
			...[org, e.cadence_id, e.version_id, id, e.run_no, e.record_id],
			...[action, e.day]
		]);
		const done = JSON.stringify([...e.done, action]);
		await ask('move', move, [org, id, next, done, next === null, action]);
		if (next !== null) await ask('add', addJob, [{ org, id }]);
		await client.query('commit');
	} finally {
		client.release();
	}
}
