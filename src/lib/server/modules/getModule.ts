import { DomainError } from '#lib/domain/errors.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { readModules } from './listModules.ts';

/**
 * CRM-1: a module by key (`leads`) or id, with its fields.
 * @throws not_found
 */
export async function getModule(tx: OrgTx, keyOrId: string): Promise<ModuleDefinition> {
	const [module] = await readModules(tx, isId(keyOrId) ? { id: keyOrId } : { key: keyOrId });
	if (!module) throw new DomainError('not_found', 'There is no such module.');
	return module;
}
