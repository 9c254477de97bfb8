import { and, eq, isNull } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule, requirePermission } from '#lib/domain/access/permissions.ts';
import { copyName } from '#lib/domain/cadence/cadence.ts';
import { readCadenceFile, type FileProblem } from '#lib/domain/cadence/cadenceFile.ts';
import { knownNames } from '#lib/domain/cadence/knownNames.ts';
import { resolveNames, type Unresolved } from '#lib/domain/cadence/resolveNames.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { cadences } from '../db/schema/cadences.ts';
import { listModules } from '../modules/listModules.ts';
import { readPublishContext } from './getPublishContext.ts';
import { insertCadence } from './insertCadence.ts';

export type Imported = {
	id: string;
	name: string;
	/** What the file names and is not here: left out, to be chosen on the canvas. */
	unresolved: Unresolved[];
};

const badFile = (problems: FileProblem[]): DomainError =>
	new DomainError('invalid', 'This file cannot be imported.', '/file', { problems });

/**
 * CAD-5 [+]: a new cadence from an exported file, in the module the file names. It starts as a draft and enrolls as the
 * file says; under a name that is taken it becomes a copy of it.
 * @throws forbidden, invalid (`details.problems` with their places in the file), limit (LIM-3)
 */
export async function importCadence(tx: OrgTx, actor: Actor, text: string): Promise<Imported> {
	requirePermission(actor, 'cadences.manage');
	const read = readCadenceFile(text);
	if ('problems' in read) throw badFile(read.problems);
	const { file } = read;
	const module = (await listModules(tx)).find(({ key }) => key === file.module);
	if (!module)
		throw badFile([
			{ place: 'module', message: `There is no module "${file.module}" here. Create it first.` }
		]);
	requireModule(actor, module.key, 'view');
	const publish = await readPublishContext(tx, actor, {
		moduleId: module.id,
		enrollmentKind: file.enrollment
	});
	const { draft, unresolved } = resolveNames(file, knownNames(publish));
	if (file.enrollment === 'manual') draft.settings.viewId = null;
	const taken = await tx
		.select({ name: cadences.name })
		.from(cadences)
		.where(and(eq(cadences.orgId, actor.orgId), isNull(cadences.deletedAt)));
	const names = new Set(taken.map((row) => row.name.toLowerCase()));
	const name = names.has(file.name.toLowerCase()) ? copyName(file.name, names) : file.name;
	const id = await insertCadence(tx, actor, {
		moduleId: module.id,
		name,
		description: file.description,
		enrollmentKind: file.enrollment,
		draft
	});
	await writeAudit(tx, actor, {
		action: 'cadence.import',
		objectType: 'cadence',
		objectId: id,
		after: { name, module: module.key, leftOut: unresolved.length }
	});
	return { id, name, unresolved };
}
