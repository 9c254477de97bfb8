import type { Draft } from '#lib/domain/cadence/draft.ts';
import { isHandedOver, type ResponseRef } from '#lib/domain/cadence/responses.ts';
import type { Failure } from '#lib/domain/enrollment/runEvent.ts';
import type { Simulation } from '#lib/domain/simulator/simulation.ts';
import { findAction } from '#lib/domain/enrollment/branches.ts';
import { responseChoices, type ResponseNames } from '../graph/freeResponses.ts';

export type AnswerChoice = {
	ref: ResponseRef;
	/** Key of the branch that it takes; null: it is only recorded. */
	branch: string | null;
	failure?: Failure;
};

/** What happens without anybody's doing when the clock is turned, or says what was decided. */
const byItself: ReadonlySet<string> = new Set(['sent', 'created', 'case', 'else']);
const refusals: Record<string, Failure> = {
	bounced: { reason: 'address_bounced', text: null },
	failed: { reason: 'provider_refused', text: null }
};

/** VER-7, GRA-6: the responses that an action of the journey can give at this moment; values one by one. */
export function answersTo(
	{ plan, outbox }: Simulation,
	draft: Draft,
	actionId: string,
	names: ResponseNames
): AnswerChoice[] {
	const action = findAction(plan, actionId);
	if (!action) return [];
	const choices = responseChoices(draft, actionId, names);
	const valued = new Set(choices.filter(({ specific }) => specific).map(({ ref }) => ref.response));
	const waits = outbox?.actionId === actionId;
	return (
		choices
			.filter(({ ref, negative }) => !negative && !byItself.has(ref.response))
			// Of a response with values one of them comes; only a reply may be any text.
			.filter(({ ref, specific }) => specific || !valued.has(ref.response) || ref.response === 'replied')
			.filter(({ ref }) => {
				if (!isHandedOver(action.kind)) return ref.response !== 'done';
				if (waits) return ref.response === 'failed' || ref.parameter === 'hard';
				return action.kind === 'webhook' ? false : ref.response !== 'failed';
			})
			.map(({ ref, usedBy }) => {
				const failure =
					action.kind === 'webhook' && ref.response === 'failed'
						? { reason: 'webhook_refused' as const, text: null }
						: refusals[ref.response];
				return { ref, branch: usedBy ?? generalBranch(choices, ref), ...(failure && { failure }) };
			})
	);
}

/** GRA-2: a value without a branch of its own takes the general one. */
const generalBranch = (choices: ReturnType<typeof responseChoices>, ref: ResponseRef): string | null =>
	ref.parameter === undefined
		? null
		: (choices.find((one) => one.ref.response === ref.response && one.ref.parameter === undefined)?.usedBy ??
			null);
