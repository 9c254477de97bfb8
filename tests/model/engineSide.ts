import { sql } from 'drizzle-orm';
import { isDomainError } from '../../src/lib/domain/errors.ts';
import type { ResponseKind } from '../../src/lib/domain/cadence/responses.ts';
import { lockCadence } from '../../src/lib/server/cadences/lockCadence.ts';
import { answerExisting } from '../../src/lib/server/engine/answerExisting.ts';
import { onPublish } from '../../src/lib/server/enrollments/onPublish.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { activateCadence } from '../../src/lib/server/cadences/activateCadence.ts';
import { deactivateCadence } from '../../src/lib/server/cadences/deactivateCadence.ts';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import type { Settlement } from '../../src/lib/server/channels/outbox.ts';
import { createSettlements } from '../../src/lib/server/channels/settleMessages.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { advance } from '../../src/lib/server/engine/advance.ts';
import { applyResponses } from '../../src/lib/server/engine/applyResponses.ts';
import { newLane } from '../../src/lib/server/engine/claimDue.ts';
import { drainRecordChanges } from '../../src/lib/server/engine/drainRecordChanges.ts';
import { recordResponses } from '../../src/lib/server/engine/recordResponses.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { convertLead } from '../../src/lib/server/records/convertLead.ts';
import { mergeRecords } from '../../src/lib/server/records/mergeRecords.ts';
import { deleteRecords } from '../../src/lib/server/records/deleteRecords.ts';
import { restoreRecords } from '../../src/lib/server/records/restoreRecords.ts';
import { scanCadence } from '../../src/lib/server/engine/scanCadence.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { pauseChunk, pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { restartEnrollments } from '../../src/lib/server/enrollments/restartEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { skipForward } from '../../src/lib/server/enrollments/skipForward.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { claimWebhooks } from '../../src/lib/server/channels/webhook/claimWebhooks.ts';
import {
	settleCalls,
	type Outcome as CallOutcome
} from '../../src/lib/server/channels/webhook/settleWebhooks.ts';
import type { TestDatabase } from '../support/clone.ts';
import { blocks, finishes, type Deed } from './commands.ts';
import type { RelayAnswer, Turn } from './journeys.ts';
import type { Publication } from './publish.ts';
import { dataOf, storePlan, type Seat } from './world.ts';

export type Order = { seat: Seat; deed: Deed };
type OrderOf<K extends Deed['do']> = { seat: Seat; deed: Extract<Deed, { do: K }> };

export const setClock = (db: TestDatabase, ms: number): Promise<unknown> =>
	db.admin.execute(sql`update app.clock set shift = (${String(ms)} || ' milliseconds')::interval`);

const only = <K extends Deed['do']>(orders: readonly Order[], kind: K): OrderOf<K>[] =>
	orders.filter((order): order is OrderOf<K> => order.deed.do === kind);

/**
 * The product's side of a turn's deeds: in sets where the product takes sets.
 * @returns what it refused with a sentence
 */
export async function performAll(
	db: TestDatabase,
	orders: readonly Order[],
	now: number
): Promise<ReadonlySet<Seat>> {
	const refused = new Set<Seat>();
	/** Journeys know nothing of each other: the pool takes as many at once as it has connections. */
	const each = <T extends { seat: Seat }>(some: readonly T[], act: (order: T) => Promise<unknown>) =>
		Promise.all(
			some.map((order) =>
				act(order).catch((error: unknown) => {
					if (!isDomainError(error)) throw error;
					refused.add(order.seat);
				})
			)
		);
	await changeRecords(db, only(orders, 'facts'));
	await answer(db, only(orders, 'respond'));
	await remove(db, only(orders, 'delete'));
	await each(only(orders, 'enroll'), ({ seat, deed: { startAt } }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			enrollRecords(tx, seat.actor, { cadenceId: seat.cadenceId, records: { ids: [seat.recordId] }, startAt })
		)
	);
	const inSets = async (
		kind: Deed['do'],
		act: (tx: OrgTx, seat: Seat, ids: string[]) => Promise<unknown>
	) => {
		for (const group of Map.groupBy(only(orders, kind), ({ seat }) => seat.orgId).values()) {
			const { seat } = group[0]!;
			const ids = group.flatMap((order) => order.seat.enrollmentId ?? []);
			if (ids.length) await withOrg(db.web, seat.orgId, (tx) => act(tx, seat, ids));
		}
	};
	await inSets('pause', (tx, { actor }, enrollmentIds) => pauseEnrollments(tx, actor, { enrollmentIds }));
	await each(only(orders, 'pauseUntil'), ({ seat, deed }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			pauseChunk(tx, seat.actor, [seat.enrollmentId!], new Date(now + deed.ms))
		)
	);
	await each(only(orders, 'remove'), ({ seat }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			deleteRecords(tx, seat.actor, { moduleKey: 'leads', ids: [seat.recordId] })
		)
	);
	await each(only(orders, 'restore'), ({ seat }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			restoreRecords(tx, seat.actor, { moduleKey: 'leads', ids: [seat.recordId] })
		)
	);
	await each(only(orders, 'convert'), ({ seat }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			convertLead(tx, seat.actor, { recordId: seat.recordId, account: false })
		)
	);
	await each(only(orders, 'merge'), ({ seat }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			mergeRecords(tx, seat.actor, { moduleKey: 'leads', winnerId: seat.winnerId, loserIds: [seat.recordId] })
		)
	);
	await inSets('resume', (tx, { actor }, enrollmentIds) => resumeEnrollments(tx, actor, { enrollmentIds }));
	await inSets('unenroll', (tx, { actor }, enrollmentIds) =>
		unenrollRecords(tx, actor, { target: { enrollmentIds } })
	);
	await each(only(orders, 'resumeStopped'), ({ seat }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			resumeEnrollments(tx, seat.actor, { enrollmentIds: [seat.enrollmentId!] })
		)
	);
	await each(only(orders, 'restart'), ({ seat, deed: { startAt } }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			restartEnrollments(tx, seat.actor, { enrollmentIds: [seat.enrollmentId!], startAt })
		)
	);
	await each(only(orders, 'skip'), ({ seat, deed: { actionId } }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			skipForward(tx, seat.actor, { enrollmentIds: [seat.enrollmentId!], actionId })
		)
	);
	await each(only(orders, 'publish'), ({ seat, deed }) => publishPlan(db, seat, deed));
	await each(only(orders, 'deactivate'), ({ seat }) =>
		withOrg(db.web, seat.orgId, (tx) => deactivateCadence(tx, seat.actor, { cadenceId: seat.cadenceId }))
	);
	await each(only(orders, 'activate'), ({ seat, deed }) =>
		withOrg(db.web, seat.orgId, (tx) =>
			activateCadence(tx, seat.actor, { cadenceId: seat.cadenceId, halted: deed.halted })
		)
	);
	return refused;
}

/** As `publishCadence` does behind the canvas: a version, made live, and what becomes of the runs. */
async function publishPlan(db: TestDatabase, seat: Seat, { plan, decide, moveWaiting }: Publication) {
	const { orgId, actor, cadenceId } = seat;
	const versionId = newId();
	await withOrg(db.web, orgId, async (tx) => {
		await lockCadence(tx, actor, cadenceId);
		const real = await storePlan(tx, seat, versionId, plan);
		await tx.execute(sql`
			update cadences set active_version_id = ${versionId}::uuid, published_at = app.now()
			where org_id = ${orgId}::uuid and id = ${cadenceId}::uuid`);
		const decisions = Object.fromEntries(allNodeIds.map((id) => [id, decide]));
		await onPublish(tx, actor, { cadenceId, versionId, plan: real, decisions, moveWaiting });
		await answerExisting(tx, { orgId, cadenceId, includeExisting: false });
	});
}

const allNodeIds = ['goal', 'out', ...Array.from({ length: 9 }, (_, n) => [`a${n}`, `c${n}`]).flat()];

async function changeRecords(db: TestDatabase, orders: readonly OrderOf<'facts'>[]): Promise<void> {
	if (!orders.length) return;
	const rows = orders.map(({ seat, deed: { facts } }) => ({
		o: seat.orgId,
		id: seat.recordId,
		data: dataOf(seat, facts),
		tags: facts.tags,
		e: facts.optOut.email,
		c: facts.optOut.call,
		w: facts.optOut.whatsapp
	}));
	await db.admin.execute(sql`
		update records r set data = k.data, tags = array(select jsonb_array_elements_text(k.tags)),
			email_opt_out = k.e, call_opt_out = k.c, whatsapp_opt_out = k.w
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
			as k(o uuid, id uuid, data jsonb, tags jsonb, e boolean, c boolean, w boolean)
		where r.org_id = k.o and r.id = k.id`);
}

/** As inbox, tracking, webhooks and the work pages do it. */
async function answer(db: TestDatabase, orders: readonly OrderOf<'respond'>[]): Promise<void> {
	if (!orders.length) return;
	await recordResponses(
		db.worker,
		orders.map(({ seat, deed }) => ({
			orgId: seat.orgId,
			enrollmentId: seat.enrollmentId!,
			runNo: deed.runNo,
			actionId: deed.actionId,
			kind: deed.kind as ResponseKind,
			parameter: deed.parameter ?? null,
			machine: deed.machine
		}))
	);
	const touched = orders.map(({ seat, deed }) => ({
		o: seat.orgId,
		e: seat.enrollmentId,
		n: deed.runNo,
		a: deed.actionId,
		done: finishes(deed.kind, deed.parameter),
		reopens: deed.kind === 'status',
		off: deed.kind === 'cancelled'
	}));
	await db.admin.execute(sql`
		update activities t set
			completed_at = case when k.done and not k.off then app.now() when k.reopens then null else t.completed_at end,
			cancelled_at = case when k.off then app.now() else t.cancelled_at end,
			cancelled_by = case when k.off then 'user' else t.cancelled_by end
		from jsonb_to_recordset(${JSON.stringify(touched)}::jsonb)
			as k(o uuid, e uuid, n int, a text, done boolean, reopens boolean, off boolean)
		where t.org_id = k.o and t.enrollment_id = k.e and t.run_no = k.n and t.action_id = k.a`);
	const blocked = orders.flatMap(({ seat, deed }) => {
		const reason = blocks(deed);
		return reason ? [{ o: seat.orgId, a: seat.email, r: reason }] : [];
	});
	if (blocked.length)
		await db.admin.execute(sql`
			insert into suppressions (org_id, id, channel, address, reason)
			select k.o, app.new_id(), 'email', k.a, k.r
			from jsonb_to_recordset(${JSON.stringify(blocked)}::jsonb) as k(o uuid, a text, r text) on conflict do nothing`);
}

async function remove(db: TestDatabase, orders: readonly OrderOf<'delete'>[]): Promise<void> {
	if (!orders.length) return;
	const rows = orders.map(({ seat, deed }) => ({
		o: seat.orgId,
		e: seat.enrollmentId,
		n: deed.runNo,
		a: deed.actionId
	}));
	await db.admin.execute(sql`
		update activities t set deleted_at = app.now()
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as k(o uuid, e uuid, n int, a text)
		where t.org_id = k.o and t.enrollment_id = k.e and t.run_no = k.n and t.action_id = k.a`);
	await recordResponses(
		db.worker,
		orders.map(({ seat, deed }) => ({
			orgId: seat.orgId,
			enrollmentId: seat.enrollmentId!,
			runNo: deed.runNo,
			actionId: deed.actionId,
			kind: 'failed' as const,
			detail: { reason: 'activity_deleted' }
		}))
	);
}

/** The engine's part of a turn. `relay` says what becomes of a claimed message. */
export async function runEngine(
	db: TestDatabase,
	turn: Turn,
	sweep: { pauses: boolean; scans: Pick<Seat, 'orgId' | 'cadenceId'>[] },
	relay: (cadenceId: string, channel: string) => RelayAnswer
): Promise<void> {
	if (turn.changes) while (await drainRecordChanges(db.worker)) continue;
	if (turn.sweep) {
		for (const { orgId, cadenceId } of sweep.scans) await scanCadence(db.worker, { orgId, cadenceId });
		if (sweep.pauses) await sweepEngine(db.worker);
	}
	if (turn.post) {
		for (const channel of ['email', 'whatsapp'] as const) await handOver(db, channel, relay);
		await callReceivers(db, relay);
	}
	const lane = newLane();
	for (let round = 0; round < 500; round++) {
		const applied = turn.responses ? await applyResponses(db.worker) : 0;
		const { claimed } = turn.pass ? await advance(db.worker, lane) : { claimed: 0 };
		if (!applied && !claimed) return;
	}
	throw new Error('The engine did not come to rest.');
}

async function handOver(
	db: TestDatabase,
	channel: 'email' | 'whatsapp',
	relay: (cadenceId: string, channel: string) => RelayAnswer
): Promise<void> {
	const settlements = createSettlements(db.worker, { soon: () => undefined });
	for (;;) {
		const { messages, seen } = await claimMessages(db.worker, channel, 1000);
		if (!seen) return;
		await Promise.all(
			messages.map((message) =>
				settlements.add({
					message,
					from: 'claimed',
					...outcomeOf(relay(message.cadenceId, channel), channel)
				})
			)
		);
	}
}

/** As `sendWebhooks` does it around the POST. */
async function callReceivers(
	db: TestDatabase,
	relay: (cadenceId: string, channel: string) => RelayAnswer
): Promise<void> {
	for (;;) {
		const claim = await claimWebhooks(db.worker, { limit: 1000, underWay: new Map(), perReceiver: 1000 });
		if (!claim.handled) return;
		const outcomes = claim.calls.map((call): CallOutcome => {
			const { cadence } = (JSON.parse(call.body.toString()) as { data: { cadence: { id: string } } }).data;
			const said = relay(cadence.id, 'webhook');
			const taken = { call, from: 'claimed' as const };
			if (said === 'sent') return { ...taken, kind: 'done', status: 200 };
			if (said === 'doubtful')
				return { ...taken, kind: 'wait', seconds: 300, reason: 'receiver', text: 'No' };
			return { ...taken, kind: 'fail', status: 410, text: '' };
		});
		await db.worker.transaction((tx) => settleCalls(tx, outcomes));
	}
}

type Outcome<S = Settlement> = S extends Settlement ? Omit<S, 'message' | 'from'> : never;

function outcomeOf(said: RelayAnswer, channel: string): Outcome {
	if (said === 'sent') return { kind: 'sent', providerId: null };
	if (said === 'doubtful') return { kind: 'doubtful', text: '' };
	if (said === 'failed' || channel === 'whatsapp')
		return { kind: 'failed', reason: 'provider_refused', code: '', text: '' };
	return { kind: 'bounced', hard: said === 'hard', code: '', text: '' };
}
