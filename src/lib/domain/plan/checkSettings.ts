import { checkCriteria } from '../criteria/checkCriteria.ts';
import type { Draft } from '../cadence/draft.ts';
import { isAction } from './checkBranches.ts';
import { checkResponse } from './checkResponse.ts';
import { contextModule } from './contextIndex.ts';
import type { Violation } from './plan.ts';
import type { PublishContext } from './publishContext.ts';
import { error } from './violation.ts';

/** CRM-6, UNE-1, GRA-9: audience view, un-enrollment properties. */
export function checkSettings(draft: Draft, context: PublishContext): Violation[] {
	const { settings } = draft;
	const { onDate, leavesView, criteria } = settings.unenroll;
	const found = [...checkView(settings.viewId, context), ...checkOutcomes(draft, context)];
	if (leavesView && context.enrollmentKind === 'manual')
		found.push(
			error(
				'settings.leavesView',
				{ settings: 'unenroll.leavesView' },
				'"Leaves the view" needs a view as audience. Records are enrolled by hand here: switch it off.'
			)
		);
	if (onDate !== null && onDate <= context.today)
		found.push(
			error(
				'settings.onDate',
				{ settings: 'unenroll.onDate' },
				`The un-enrollment date ${onDate} is past: nobody could be enrolled. Choose a later date or remove it.`
			)
		);
	if (criteria !== null) {
		for (const problem of checkCriteria(criteria, contextModule(context), { audience: true }))
			found.push(error('settings.criteria', { settings: 'unenroll.criteria' }, problem.message));
	}
	return found;
}

function checkView(viewId: string | null, context: PublishContext): Violation[] {
	const at = { settings: 'viewId' };
	if (context.enrollmentKind === 'manual')
		return viewId === null
			? []
			: [error('settings.view', at, 'Records are enrolled by hand here: a view has no effect. Remove it.')];
	if (viewId === null)
		return [
			error('settings.view', at, `Choose the view of ${context.module.plural} whose records are enrolled.`)
		];
	const view = context.views.find((candidate) => candidate.id === viewId);
	if (!view) return [error('settings.view', at, 'The audience view was deleted. Choose another.')];
	if (!view.shared)
		return [
			error('settings.view', at, `The view "${view.name}" is private. Share it or choose a shared one.`)
		];
	return view.usesCurrentUser
		? [
				error(
					'settings.view',
					at,
					`The view "${view.name}" asks for the current user; a cadence has none. Choose another view.`
				)
			]
		: [];
}

function checkOutcomes(draft: Draft, context: PublishContext): Violation[] {
	return draft.settings.unenroll.outcomes.flatMap((rule, i) => {
		const at = { settings: `unenroll.outcomes.${i}` };
		const node = rule.actionId === null ? null : draft.nodes[rule.actionId];
		if (node === undefined || (node !== null && (!isAction(node) || node.kind !== rule.channel)))
			return [
				error(
					'settings.outcomes',
					at,
					'An outcome rule names an action that was removed. Choose another or remove the rule.'
				)
			];
		return rule.responses.flatMap((ref) => {
			const problem = checkResponse(rule.channel, ref, node, context);
			return problem ? [error('settings.outcomes', at, `Outcome rule: ${problem.message}`)] : [];
		});
	});
}
