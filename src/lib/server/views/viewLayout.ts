import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { findField, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { viewLayouts, type LayoutColumn } from '../db/schema/crm.ts';
import { getModule } from '../modules/getModule.ts';
import { getView } from './getView.ts';

export const layoutSchema = z
	.array(
		z.object({
			key: z.string().max(80),
			/** Pixels; as wide as its content when absent. */
			width: z.int().min(60).max(900).optional()
		})
	)
	.min(1, 'Choose at least one column.')
	.max(30, 'Choose 30 columns at most.');

/** CRM-7: the columns of a view's list as this user wants them, else the view's; without those of deleted fields. */
export async function getViewLayout(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	view: { id: string; columns: readonly string[] }
): Promise<{ columns: LayoutColumn[]; own: boolean }> {
	const [stored] = await tx
		.select({ columns: viewLayouts.columns })
		.from(viewLayouts)
		.where(
			and(
				eq(viewLayouts.orgId, actor.orgId),
				eq(viewLayouts.userId, actor.userId),
				eq(viewLayouts.viewId, view.id)
			)
		);
	const columns: readonly LayoutColumn[] = stored?.columns ?? view.columns.map((key) => ({ key }));
	const known = columns.filter(({ key }) => findField(module, key));
	return { columns: known.length ? known : [{ key: 'name' }], own: stored !== undefined };
}

/**
 * CRM-7: keeps how the actor wants a view's list, for this actor alone; null goes back to the view's own columns.
 * @throws not_found, invalid (pointer into the columns)
 */
export async function saveViewLayout(
	tx: OrgTx,
	actor: Actor,
	input: { viewId: string; columns: z.output<typeof layoutSchema> | null }
): Promise<void> {
	const view = await getView(tx, actor, input.viewId);
	const mine = { orgId: actor.orgId, userId: actor.userId, viewId: view.id };
	if (!input.columns) {
		await tx
			.delete(viewLayouts)
			.where(
				and(
					eq(viewLayouts.orgId, mine.orgId),
					eq(viewLayouts.userId, mine.userId),
					eq(viewLayouts.viewId, mine.viewId)
				)
			);
		return;
	}
	const module = await getModule(tx, view.moduleId);
	const keys = input.columns.map(({ key }) => key);
	const wrong = keys.findIndex((key, index) => !findField(module, key) || keys.indexOf(key) !== index);
	if (wrong >= 0)
		throw new DomainError(
			'invalid',
			`${module.plural} have no field "${keys[wrong]}", or it is there twice.`,
			`/columns/${wrong}`
		);
	await tx
		.insert(viewLayouts)
		.values({ ...mine, columns: input.columns })
		.onConflictDoUpdate({
			target: [viewLayouts.orgId, viewLayouts.userId, viewLayouts.viewId],
			set: { columns: input.columns }
		});
}
