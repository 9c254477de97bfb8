import type { OutcomeRule } from '../cadence/draft.ts';
import type { PlanAction } from '../plan/plan.ts';
import type { RecordedResponse } from './state.ts';

/** UNE-1 (d): whether a response of any action, or of the one a rule names, un-enrolls. */
export const matchesOutcome = (
	rules: readonly OutcomeRule[],
	action: PlanAction,
	response: RecordedResponse
): boolean =>
	rules.some(
		(rule) =>
			rule.channel === action.kind &&
			(rule.actionId === null || rule.actionId === action.id) &&
			rule.responses.some(
				(one) =>
					one.response === response.response &&
					(one.parameter === undefined || one.parameter === response.parameter)
			)
	);
