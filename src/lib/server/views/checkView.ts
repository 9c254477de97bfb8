import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { canShareViews } from '#lib/domain/access/permissions.ts';
import { checkCriteria } from '#lib/domain/criteria/checkCriteria.ts';
import { criteriaSchema } from '#lib/domain/criteria/criteria.ts';
import { findField, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { sortOrder } from '../records/sortOrder.ts';

export const viewContentSchema = z.object({
	name: nameText('A view needs a name.').max(100, 'A name has 100 characters at most.'),
	criteria: criteriaSchema,
	columns: z.array(z.string()).min(1, 'Choose at least one column.').max(30, 'Choose 30 columns at most.'),
	sort: z.object({ field: z.string(), direction: z.enum(['asc', 'desc']) }),
	shared: z.boolean()
});
export type ViewContent = z.infer<typeof viewContentSchema>;

/**
 * CRM-6: whether a view can be stored: criteria fit the module, columns and sort field exist.
 * @param isAudience a cadence takes its records from it: it must be shared and may not ask for the current user
 * @throws invalid with a pointer into the view
 */
export function checkView(module: ModuleDefinition, input: unknown, isAudience: boolean): ViewContent {
	const parsed = viewContentSchema.safeParse(input);
	if (!parsed.success) {
		const issue = parsed.error.issues[0]!;
		throw new DomainError('invalid', issue.message, `/${issue.path.join('/')}`);
	}
	const view = parsed.data;
	const problems = checkCriteria(view.criteria, module, { audience: isAudience });
	if (problems[0])
		throw new DomainError('invalid', problems[0].message, `/criteria${problems[0].pointer}`, problems);
	const unknown = view.columns.findIndex((key) => !findField(module, key));
	if (unknown >= 0)
		throw new DomainError(
			'invalid',
			`${module.plural} have no field "${view.columns[unknown]}". Remove the column.`,
			`/columns/${unknown}`
		);
	sortOrder(module, view.sort);
	if (isAudience && !view.shared)
		throw new DomainError(
			'invalid',
			'Cadences use this view as their audience, so it must stay shared.',
			'/shared'
		);
	return view;
}

/**
 * CRM-6: shared views stand in everybody's lists.
 * @throws forbidden for a profile that may only read the module's records
 */
export function requireSharing(actor: Actor, module: ModuleDefinition): void {
	if (canShareViews(actor, module.key)) return;
	throw new DomainError(
		'forbidden',
		`Your profile may only read ${module.plural.toLowerCase()}, so your views of them stay your own. ` +
			'Save the view without sharing it, or ask somebody who may edit them.',
		'/shared'
	);
}
