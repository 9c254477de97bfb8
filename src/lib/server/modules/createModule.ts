import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { fieldKeyOf } from '#lib/domain/crm/fieldKey.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { customNameField, standardColumnsOf } from '#lib/domain/crm/systemModules.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { fields, modules, views } from '../db/schema/crm.ts';
import { getModule } from './getModule.ts';
import { listModules } from './listModules.ts';
import { lockSetup } from './lockSetup.ts';
import { shippedViews } from './shippedViews.ts';

const name = nameText('A module needs a name.').max(60, 'A name has 60 characters at most.');
const inputSchema = z.object({ singular: name, plural: name });

/** Pages that a module's address must not hide. */
const reserved = new Set([
	'cadences',
	'work',
	'reports',
	'setup',
	'home',
	'profile',
	'api',
	'login',
	'logout',
	'pick',
	'background',
	'notifications',
	'dev',
	'events',
	'hooks',
	'collab',
	'metrics'
]);
const mostModules = 50;

/**
 * CRM-1: adds a custom module with its name field and the shipped views.
 * @throws forbidden unless the actor is an administrator; invalid; conflict when the name is taken; limit
 */
export async function createModule(
	tx: OrgTx,
	actor: Actor,
	input: { singular: string; plural: string }
): Promise<ModuleDefinition> {
	requirePermission(actor, 'admin');
	const { singular, plural } = moduleNames(input);
	await lockSetup(tx, actor.orgId);
	const existing = await requireFreeName(tx, plural);
	if (existing.length >= mostModules)
		throw new DomainError('limit', `There are ${mostModules} modules at most.`);
	// Those of deleted modules too: they may be restored.
	const keys = await tx.select({ key: modules.key }).from(modules).where(eq(modules.orgId, actor.orgId));
	const isTaken = (key: string) => reserved.has(key) || keys.some((other) => other.key === key);
	const moduleId = newId();
	const key = fieldKeyOf(plural, isTaken);
	await tx.insert(modules).values({
		orgId: actor.orgId,
		id: moduleId,
		key,
		singular,
		plural,
		kind: 'custom',
		position: existing.length
	});
	await tx.insert(fields).values({
		orgId: actor.orgId,
		id: newId(),
		moduleId,
		key: customNameField,
		label: `${singular} Name`,
		type: 'text',
		required: true,
		system: true
	});
	await tx.insert(views).values(
		shippedViews(plural, standardColumnsOf(key)).map((view) => ({
			...view,
			orgId: actor.orgId,
			id: newId(),
			moduleId
		}))
	);
	await tx.execute(
		sql`insert into cadence_limits (org_id, module_id) values (${actor.orgId}, ${moduleId}) on conflict do nothing`
	);
	await writeAudit(tx, actor, {
		action: 'module.create',
		objectType: 'module',
		objectId: moduleId,
		after: { key, singular, plural }
	});
	return getModule(tx, moduleId);
}

/** @throws invalid with the pointer of the name */
export function moduleNames(input: { singular: string; plural: string }): z.output<typeof inputSchema> {
	const parsed = inputSchema.safeParse(input);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0]!;
	throw new DomainError('invalid', issue.message, `/${issue.path.join('/')}`);
}

/**
 * @returns the modules there are
 * @throws conflict when another one is called so
 */
export async function requireFreeName(
	tx: OrgTx,
	plural: string,
	exceptKey?: string
): Promise<ModuleDefinition[]> {
	const existing = await listModules(tx);
	if (
		existing.some(
			({ key, plural: other }) => key !== exceptKey && other.toLowerCase() === plural.toLowerCase()
		)
	)
		throw new DomainError('conflict', `There is already a module "${plural}".`, '/plural');
	return existing;
}
