import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { listFailedWebhooks, type FailedWebhooks } from './listFailedWebhooks.ts';
import { listQuarantined, type SetAside } from './listQuarantined.ts';
import { readLoad, type CadenceLoad, type Load } from './readLoad.ts';
import { listWorkers, type WorkerSeen } from './workers.ts';

const paused = z.object({
	name: z.string(),
	address: z.string(),
	reason: z.string().nullable(),
	until: z.coerce.date().nullable()
});
const work = z.object({
	id: z.string(),
	what: z.string(),
	processed: z.number(),
	total: z.number(),
	startedAt: z.coerce.date(),
	startedBy: z.string().nullable()
});

export type Operations = Omit<Load, 'cadences'> & {
	/** Those that have anything to do, the latest first. */
	cadences: (CadenceLoad & { name: string; state: 'draft' | 'active' | 'inactive' })[];
	workers: WorkerSeen[];
	setAside: SetAside[];
	failedWebhooks: FailedWebhooks;
	/** Senders and the WhatsApp account behind an open breaker. */
	paused: z.infer<typeof paused>[];
	background: z.infer<typeof work>[];
};

/**
 * OPS-3: what an administrator sees of the engine, of the own organization. Cheap enough to be asked every few seconds.
 * @throws forbidden
 */
export async function getOperations(tx: OrgTx, actor: Actor): Promise<Operations> {
	requirePermission(actor, 'admin');
	const load = await readLoad(tx, actor.orgId);
	const [names, workers, setAside, failedWebhooks, senders, background] = await Promise.all([
		tx.execute<{ id: string; name: string; state: Operations['cadences'][number]['state'] }>(sql`
			select id, name, state from cadences
			where org_id = ${actor.orgId}::uuid and id = any(${sql.param(load.cadences.map((one) => one.cadenceId))}::uuid[])`),
		listWorkers(tx),
		listQuarantined(tx, actor),
		listFailedWebhooks(tx, actor),
		tx.execute(sql`
			select name, address, paused_reason as reason, paused_until as until from senders
			where org_id = ${actor.orgId}::uuid and status = 'paused'
			union all
			select name, 'WhatsApp', paused_reason, null from whatsapp_accounts
			where org_id = ${actor.orgId}::uuid and status = 'paused' order by 1 limit 50`),
		tx.execute(sql`
			select t.id::text, t.kind as what, t.processed, t.total, t.created_at as "startedAt", u.name as "startedBy"
			from background_tasks t left join users u on u.org_id = t.org_id and u.id = t.created_by
			where t.org_id = ${actor.orgId}::uuid and t.status in ('queued', 'running')
			union all
			select i.id::text, 'import ' || i.file_name, i.processed, i.total, i.created_at, u.name
			from imports i left join users u on u.org_id = i.org_id and u.id = i.created_by
			where i.org_id = ${actor.orgId}::uuid and i.status = 'running' order by 5 limit 50`)
	]);
	const known = new Map(names.map((row) => [row.id, row]));
	const lateness = (one: CadenceLoad) => (one.oldestDueAt ? +one.oldestDueAt : Infinity);
	return {
		...load,
		cadences: load.cadences
			.flatMap((one) => {
				const cadence = known.get(one.cadenceId);
				return cadence ? [{ ...one, name: cadence.name, state: cadence.state }] : [];
			})
			.sort((a, b) => lateness(a) - lateness(b) || a.name.localeCompare(b.name)),
		workers,
		setAside,
		failedWebhooks,
		paused: z.array(paused).parse([...senders]),
		background: z.array(work).parse([...background])
	};
}
