import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { startBackgroundTask } from '../enrollments/startBackgroundTask.ts';
import { getModule } from '../modules/getModule.ts';
import { changeRecords, type RecordChange } from './changeRecords.ts';
import { resolveSelection, type Selection } from './resolveSelection.ts';

/** So many are changed while the person waits; more go to the worker, with progress. */
const mostAtOnce = 1000;

export type ChangeResult = { ids: string[]; taskId: null } | { total: number; taskId: string };

/**
 * CRM-4, CRM-7: a bulk action on ticked records, or on all that the list shows, frozen at this moment.
 * @throws forbidden, invalid, limit
 */
export async function changeSelection(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; selection: Selection; change: RecordChange }
): Promise<ChangeResult> {
	const { moduleKey, change } = input;
	const module = await getModule(tx, moduleKey);
	requireModule(actor, module.key, change.kind === 'delete' ? 'delete' : 'edit');
	const ids = await resolveSelection(tx, actor, { moduleKey, selection: input.selection });
	if (ids.length <= mostAtOnce)
		return { ids: await changeRecords(tx, actor, { moduleKey, ids, change }), taskId: null };
	// What is wrong with the values is told now, not by the bell.
	await changeRecords(tx, actor, { moduleKey, ids: [], change });
	const kind = change.kind === 'delete' ? 'deleteRecords' : 'updateRecords';
	return {
		total: ids.length,
		taskId: await startBackgroundTask(tx, actor, kind, { moduleKey, ids, change }, ids.length)
	};
}
