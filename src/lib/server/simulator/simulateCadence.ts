import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { MergeValues } from '#lib/domain/mergeFields/values.ts';
import { compilePlan } from '#lib/domain/plan/compilePlan.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import type { SimulatedWorld } from '#lib/domain/simulator/world.ts';
import { getPublishContext } from '../cadences/getPublishContext.ts';
import { hashPlan } from '../cadences/hashPlan.ts';
import { peekDraft } from '#lib/server/collab/peekDraft.ts';
import type { OrgTx } from '../db/client.ts';
import { readClock } from '../db/readClock.ts';
import { loadCadences } from '../engine/cadenceContext.ts';
import { zoneOr } from '../engine/recordFacts.ts';
import { getModule } from '../modules/getModule.ts';
import { readMergeValues } from '../templates/readMergeValues.ts';
import { applyExecuted, refuseValue } from './applyExecuted.ts';
import { conditionsOf, decide } from './decide.ts';
import { judgeActions, type Judged } from './judgeActions.ts';
import { simulateSchema, type SimulateInput } from './simulateInput.ts';
import { readSubject, sourceOf } from './subject.ts';
import { readTemplateTexts } from './templateTexts.ts';

/**
 * VER-7: what a simulation of the stored draft starts from: the plan, and everything about one record, read by the
 * engine's own checks at the simulated instant. Writes nothing, sends nothing.
 * @throws forbidden, not_found (cadence; record that is not there or not the actor's to see), invalid (problems of
 * the draft in `details`; a value, with its pointer)
 */
export async function simulateCadence(
	tx: OrgTx,
	actor: Actor,
	cadenceId: string,
	input: SimulateInput
): Promise<SimulatedWorld> {
	requirePermission(actor, 'cadences.view');
	const { seed, executed, ...asked } = simulateSchema.parse(input);
	const { orgId } = actor;
	const publish = await getPublishContext(tx, actor, cadenceId);
	const plan = await compileStored(tx, { orgId, cadenceId }, publish);
	const module = await getModule(tx, publish.module.id);
	const cadence = (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId)!;
	const { orgTimeZone, calendar } = cadence;
	const now = asked.at === null ? await readClock(tx) : Date.parse(asked.at);
	const at = new Date(now);
	const chosen = await readSubject(tx, actor, module, { ...asked, seed, at });
	const subject = await applyExecuted({ tx, orgId, plan, module }, chosen, executed);
	const source = sourceOf(orgId, subject);
	const decided = await decide({ tx, orgId, plan, module, orgTimeZone, at: at.toISOString() }, source);
	const judged = await judgeActions({ tx, orgId, plan, cadence, publish }, subject, seed);
	const senderIds = [...new Set(judged.map(({ senderId }) => senderId))];
	const merged = await readMergeValues(
		tx,
		[null, ...senderIds].map((senderId) => ({ orgId, recordId: subject.id, senderId })),
		source
	);
	const mergeValues = merged[0] ?? null;
	const { unenroll } = plan.settings;
	return {
		sha256: hashPlan(plan),
		plan,
		calendar: { ...calendar, holidays: [...calendar.holidays] },
		now,
		facts: {
			timeZone: zoneOr(subject.timeZone, orgTimeZone),
			optOut: { email: subject.emailOptOut, call: subject.callOptOut, whatsapp: subject.whatsappOptOut },
			addresses: Object.fromEntries(
				judged.flatMap(({ action, typed }) =>
					'recipient' in action.config && action.config.recipient !== null
						? [[action.config.recipient, typed]]
						: []
				)
			),
			suppressed: {},
			choices: decided.choices,
			leave: decided.leave,
			faults: {},
			verdicts: Object.fromEntries(
				judged.map(({ action, verdict }) => [action.id, refuseValue(module, action, mergeValues) ?? verdict])
			),
			mergeValues,
			senders: sendersOf(judged, senderIds, merged.slice(1))
		},
		templates: await readTemplateTexts(
			tx,
			orgId,
			judged.flatMap(({ action, templateId }) =>
				action.kind === 'email' || action.kind === 'whatsapp' ? [{ action, templateId }] : []
			)
		),
		people: Object.fromEntries(judged.map(({ action, people }) => [action.id, people])),
		record: { id: asked.recordId, name: subject.name },
		inView: decided.inView,
		timeBound:
			conditionsOf(plan).length > 0 ||
			unenroll.criteria !== null ||
			unenroll.onDate !== null ||
			unenroll.leavesView ||
			judged.some(({ action }) => ['updateField', 'tags', 'changeOwner'].includes(action.kind))
	};
}

async function compileStored(
	tx: OrgTx,
	key: { orgId: string; cadenceId: string },
	publish: Parameters<typeof compilePlan>[1]
): Promise<Plan> {
	const { draft } = await peekDraft(tx, key);
	const compiled = compilePlan(draft, publish);
	if ('plan' in compiled) return compiled.plan;
	const errors = compiled.violations.filter(({ severity }) => severity === 'error');
	throw new DomainError(
		'invalid',
		`A cadence with problems cannot be played. ${errors[0]?.message ?? ''}`.trim(),
		undefined,
		{ violations: compiled.violations }
	);
}

function sendersOf(
	judged: readonly Judged[],
	ids: readonly (string | null)[],
	merged: readonly (MergeValues | undefined)[]
) {
	const bySender = new Map(ids.map((id, index) => [id, merged[index]?.sender]));
	return Object.fromEntries(
		judged.flatMap(({ action, senderId }) => {
			const sender = senderId === null ? undefined : bySender.get(senderId);
			return sender ? [[action.id, sender]] : [];
		})
	);
}
