import { newRun } from '#lib/domain/enrollment/transition.ts';
import type { Verdict } from '#lib/domain/enrollment/runEvent.ts';
import type { Plan, PlanAction } from '#lib/domain/plan/plan.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';
import type { ActionPeople } from '#lib/domain/simulator/world.ts';
import type { CadenceContext } from '../engine/cadenceContext.ts';
import { orgKey, readChannelFacts, type ChannelFacts } from '../engine/channelFacts.ts';
import type { DueRun } from '../engine/dueRow.ts';
import { Turns } from '../engine/roundRobin.ts';
import { zoneOr } from '../engine/recordFacts.ts';
import { prepareAction, resolveOwner } from '../engine/verdict.ts';
import { variantOf } from '../engine/variant.ts';
import type { OrgTx } from '../db/client.ts';
import type { Subject } from './subject.ts';

export type Judged = {
	action: PlanAction;
	verdict: Verdict;
	people: ActionPeople;
	typed: string;
	templateId: string | null;
	senderId: string | null;
};

type World = { tx: OrgTx; orgId: string; plan: Plan; cadence: CadenceContext; publish: PublishContext };

/** EXE-4, EXE-5, GRA-8: what the engine's own check says of every action of the plan for this record, as if each were due. */
export async function judgeActions(world: World, subject: Subject, seed: string): Promise<Judged[]> {
	const actions = Object.values(world.plan.nodes).filter(
		(node): node is PlanAction => node.kind !== 'exit' && node.kind !== 'condition'
	);
	const runs = actions.map((action) => runAt(world, subject, seed, action));
	const facts = await readChannelFacts(world.tx, runs);
	facts.turns = new Turns(
		actions.map(({ id }) => ({ o: world.orgId, c: world.cadence.id, a: id, last: null, moved: false }))
	);
	return actions.map((action, index) => judge(world, runs[index]!, action, facts));
}

function judge({ orgId, publish }: World, run: DueRun, action: PlanAction, facts: ChannelFacts): Judged {
	const prepared = prepareAction(run, facts);
	const variant = action.kind === 'email' ? variantOf(run.row, action) : null;
	const order = action.kind === 'email' ? [null, ...(action.config.variants ?? [])] : [];
	const sender = publish.senders.find(({ id }) => id === prepared.senderId);
	// Asked only once for each: in turn, the next answer would be somebody else.
	const changing = action.kind === 'changeOwner' ? resolveOwner(run, action, facts) : null;
	const ownerId = changing ? changing.id : prepared.ownerId;
	return {
		action,
		verdict: prepared.verdict,
		typed: facts.recipients.get(run)?.typed ?? '',
		templateId:
			action.kind === 'email' || action.kind === 'whatsapp' ? (variant ?? action.config).templateId : null,
		senderId: prepared.senderId,
		people: {
			from: sender ? `${sender.name} <${sender.address}>` : null,
			to: facts.recipients.get(run)?.typed || null,
			owner: ownerId === null ? null : (facts.users.get(orgKey(orgId, ownerId))?.name ?? null),
			variant: variant
				? Math.max(
						0,
						order.findIndex((one) => one?.id === variant.id)
					)
				: null
		}
	};
}

/** A run whose next action is this one, as the engine would have claimed it. */
function runAt({ orgId, plan, cadence }: World, subject: Subject, seed: string, target: PlanAction): DueRun {
	const run = newRun();
	return {
		row: {
			id: seed,
			org_id: orgId,
			cadence_id: cadence.id,
			record_id: subject.id,
			version_id: seed,
			run_no: run.runNo,
			status: 'active',
			pause_causes: [],
			race: null,
			next_branch_id: null,
			next_action_id: target.id,
			frozen: null,
			done: [],
			follow_up: 0,
			end_reason: null,
			end_detail: null,
			due_at: null,
			enrolled_at: 0,
			ended_at: null
		},
		run,
		plan,
		cadence,
		target,
		choices: {},
		record: {
			id: subject.id,
			name: subject.name,
			ownerId: subject.ownerId,
			data: subject.data,
			timeZone: zoneOr(subject.timeZone, cadence.orgTimeZone),
			optOut: {
				email: subject.emailOptOut,
				call: subject.callOptOut,
				whatsapp: subject.whatsappOptOut
			}
		},
		texts: null
	};
}
