import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { deleteRecords } from './deleteRecords.ts';
import { lockRecords } from './lockRecords.ts';
import { updateRecords } from './updateRecords.ts';
import { writeRecords } from './writeRecords.ts';

const tags = z.array(z.string().trim().min(1).max(60)).max(50);

/** CRM-4: what a bulk action does to each record. */
export const recordChangeSchema = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('update'), values: z.record(z.string().max(80), z.unknown()) }),
	z.object({ kind: z.literal('tags'), add: tags.default([]), remove: tags.default([]) }),
	z.object({ kind: z.literal('delete') })
]);
export type RecordChange = z.infer<typeof recordChangeSchema>;

/**
 * CRM-4: one change to many records, set-based. Records that the actor may not see, or that are gone, are left out.
 * @returns ids of the records that changed
 * @throws forbidden, invalid
 */
export async function changeRecords(
	tx: OrgTx,
	actor: Actor,
	{ moduleKey, ids, change }: { moduleKey: string; ids: readonly string[]; change: RecordChange }
): Promise<string[]> {
	switch (change.kind) {
		case 'update':
			return updateRecords(tx, actor, { moduleKey, ids, values: change.values });
		case 'delete':
			return deleteRecords(tx, actor, { moduleKey, ids });
		case 'tags':
			return changeTags(tx, actor, { moduleKey, ids, change });
	}
}

async function changeTags(
	tx: OrgTx,
	actor: Actor,
	{
		moduleKey,
		ids,
		change
	}: { moduleKey: string; ids: readonly string[]; change: RecordChange & { kind: 'tags' } }
): Promise<string[]> {
	const module = await getModule(tx, moduleKey);
	requireModule(actor, module.key, 'edit');
	if (!change.add.length && !change.remove.length)
		throw new DomainError('invalid', 'Name a tag to add or to take away.', '/tags');
	const removed = new Set(change.remove);
	const patches = (await lockRecords(tx, actor, module, ids)).map((record) => ({
		record,
		data: {},
		system: { tags: [...new Set([...record.tags.filter((tag) => !removed.has(tag)), ...change.add])] }
	}));
	if (patches.some(({ system }) => system.tags.length > 50))
		throw new DomainError('invalid', 'A record can have 50 tags at most. Take some away first.', '/tags');
	const changed: string[] = [];
	for (let start = 0; start < patches.length; start += 2000)
		changed.push(...(await writeRecords(tx, actor.userId, module, patches.slice(start, start + 2000))));
	return changed;
}
