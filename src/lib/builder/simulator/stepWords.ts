import type { NodeKind } from '#lib/domain/cadence/draft.ts';
import { endReasonText } from '#lib/domain/enrollment/endReasonText.ts';
import type { Effect, SkipReason } from '#lib/domain/enrollment/runEvent.ts';
import { assertNever } from '#lib/domain/errors.ts';
import { caseLabel } from '#lib/domain/plan/checkCondition.ts';
import type { PlanAction } from '#lib/domain/plan/plan.ts';
import type { RenderedText } from '#lib/domain/simulator/texts.ts';
import type { JourneyStep } from './journey.ts';

/** One line of the log: what happened to which step, in words. */
export type LogLine = {
	tone: 'plain' | 'good' | 'warn' | 'bad';
	/** The card it is about; null: the run. */
	nodeId: string | null;
	kind: NodeKind | null;
	title: string;
	detail: string;
	/** The message, task or call as it would be. */
	text: RenderedText | null;
};

const skipWords: Record<SkipReason, string> = {
	unsubscribed: 'The address has unsubscribed',
	opt_out: 'Opted out',
	do_not_call: 'Not to be called'
};

/** The names that a step needs beside the plan. */
export type StepNames = {
	/** What a card is called on the canvas. */
	titleOf: (nodeId: string) => string;
	responseOf: (action: string, ref: { response: string; parameter?: string | undefined }) => string;
	/** What an executed action does besides its text: due time, new value. */
	doesOf: (action: PlanAction, at: number) => string;
};

/** VER-7: the lines of one step, in the order of its effects; what only repeats another line is left out. */
export function stepLines(step: JourneyStep, names: StepNames): LogLine[] {
	return step.effects.flatMap((effect) => {
		const line = lineOf(effect, step, names);
		return line ? [line] : [];
	});
}

const plain = { tone: 'plain', nodeId: null, kind: null, detail: '', text: null } as const;

function lineOf(effect: Effect, step: JourneyStep, names: StepNames): LogLine | null {
	switch (effect.kind) {
		case 'enrolled':
			return { ...plain, title: 'Enrolled' };
		case 'execute': {
			const { action } = effect;
			const people = step.people[action.id];
			const detail = [
				people?.to && `To ${people.to}`,
				people?.from && `From ${people.from}`,
				people?.owner && `For ${people.owner}`,
				typeof people?.variant === 'number' && `Variant ${String.fromCharCode(65 + people.variant)}`,
				names.doesOf(action, step.at)
			];
			return {
				...ofAction(action, names),
				tone: 'good',
				detail: detail.filter(Boolean).join(' · '),
				text: step.text
			};
		}
		case 'skip':
		case 'passedOver':
			return {
				...ofAction(effect.action, names),
				tone: 'warn',
				detail: `Skipped: ${skipWords[effect.reason]}`
			};
		case 'refuse': {
			const verdict = step.effects.find((one) => one.kind === 'ended');
			return {
				...ofAction(effect.action, names),
				tone: 'bad',
				detail: `Failed: ${(verdict?.kind === 'ended' && verdict.detail) || endReasonText[effect.reason]}`
			};
		}
		case 'handOverFailed':
			return { ...ofAction(effect.action, names), tone: 'bad', detail: 'Was not taken' };
		case 'responded': {
			const { response, late, implied } = effect;
			if (implied) return null;
			const title = names.responseOf(response.actionId, response);
			return {
				...plain,
				nodeId: response.actionId,
				title,
				detail: `${names.titleOf(response.actionId)}${late ? ' · too late to move anything' : ''}`
			};
		}
		case 'decided': {
			const { condition, choice } = effect;
			const answer = choice === 'else' ? 'Else' : caseLabel(condition.cases, choice);
			return {
				...plain,
				nodeId: condition.id,
				kind: 'condition',
				title: names.titleOf(condition.id),
				detail: `Decided: ${answer}`
			};
		}
		case 'exit':
			return {
				...plain,
				tone: effect.exit.goal ? 'good' : 'plain',
				nodeId: effect.exit.id,
				kind: 'exit',
				title: names.titleOf(effect.exit.id)
			};
		case 'ended':
			return {
				...plain,
				tone: effect.status === 'completed' ? 'good' : effect.status === 'failed' ? 'bad' : 'warn',
				title: { completed: 'Completed', stopped: 'Un-enrolled', failed: 'Failed' }[effect.status],
				detail: endReasonText[effect.reason]
			};
		case 'handedOver':
		case 'paused':
		case 'unpaused':
		case 'skippedTo':
		case 'moved':
		case 'resumed':
			return null;
		default:
			return assertNever(effect);
	}
}

const ofAction = (action: PlanAction, names: StepNames): LogLine => ({
	...plain,
	nodeId: action.id,
	kind: action.kind,
	title: names.titleOf(action.id)
});
