import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can, requireModule } from '#lib/domain/access/permissions.ts';
import type { ColumnMapping, ImportMapping } from '#lib/domain/crm/importMapping.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { enqueue } from '../jobs.ts';
import { addFieldOptions } from '../modules/addFieldOptions.ts';
import { createField } from '../modules/createField.ts';
import { getModule } from '../modules/getModule.ts';
import type { ImportSettings } from './createImport.ts';
import { getImport } from './getImport.ts';
import { mappedFields, optionsOf, type MappedColumn } from './mappedFields.ts';
import { parseMapping } from './parseMapping.ts';

/**
 * CRM-4: makes the new fields and picklist values of the mapping and hands the rows to the worker.
 * @throws not_found, forbidden, invalid (pointer into the mapping), conflict when it was started already
 */
export async function startImport(
	tx: OrgTx,
	actor: Actor,
	input: { importId: string; mapping: ImportMapping }
): Promise<void> {
	const found = await getImport(tx, actor, input.importId);
	const module = await getModule(tx, found.moduleId);
	requireModule(actor, module.key, 'create');
	if (input.mapping.duplicates?.action === 'update') requireModule(actor, module.key, 'edit');
	const mapping = parseMapping(input.mapping);
	const mapped = mappedFields(actor, module, found.settings.columns, mapping);
	const keys = new Map<number, string>();
	for (const target of mapped) {
		if (target.isNew) keys.set(target.column.index, await makeField(tx, actor, module.key, target));
		else if (mapping.addOptions && can(actor, 'admin')) await addOptions(tx, actor, module.key, target);
	}
	const columns = mapping.columns.map((column): ColumnMapping => {
		const key = keys.get(column.column);
		return key === undefined ? column : { ...column, target: { kind: 'field', key } };
	});
	const settings: ImportSettings = { ...found.settings, mapping: { ...mapping, columns } };
	const started = await tx.execute(sql`
		update imports set status = 'running', settings = ${JSON.stringify(settings)}::jsonb
		where org_id = ${actor.orgId}::uuid and id = ${found.id}::uuid and status = 'uploaded' returning id`);
	if (!started.length)
		throw new DomainError(
			'conflict',
			`The import of ${found.fileName} was started already. See its progress.`
		);
	await writeAudit(tx, actor, {
		action: 'import.start',
		objectType: 'import',
		objectId: found.id,
		after: { mapping }
	});
	await enqueue(
		tx,
		'runImport',
		{ orgId: actor.orgId, importId: found.id },
		{ key: `import:${found.id}`, queue: `import/${actor.orgId}` }
	);
}

const makeField = (tx: OrgTx, actor: Actor, moduleKey: string, { field }: MappedColumn): Promise<string> => {
	if (field.type === 'tags') throw new DomainError('invalid', 'Tags are a field of every record already.');
	return createField(tx, actor, {
		moduleKey,
		label: field.label,
		type: field.type,
		options: [...field.options]
	});
};

async function addOptions(tx: OrgTx, actor: Actor, moduleKey: string, target: MappedColumn): Promise<void> {
	const { field, column, replace } = target;
	if (field.type !== 'picklist' && field.type !== 'multiPicklist') return;
	await addFieldOptions(tx, actor, {
		moduleKey,
		fieldKey: field.key,
		options: optionsOf(column, field.type, replace)
	});
}
