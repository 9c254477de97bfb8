import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { editions } from '#lib/domain/access/editions.ts';
import type { EnrollmentKind } from '#lib/domain/cadence/cadence.ts';
import { usesCurrentUser } from '#lib/domain/criteria/usesCurrentUser.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { checkTemplate, mergeContextOf, type MergeContext } from '#lib/domain/mergeFields/check.ts';
import { linksOf, linkTextsOf } from '#lib/domain/mergeFields/links.ts';
import { hasUnsubscribeLink, parseTemplate } from '#lib/domain/mergeFields/parse.ts';
import { placeholdersIn } from '#lib/domain/mergeFields/placeholders.ts';
import type {
	ContextTemplate,
	ContextWhatsappTemplate,
	PublishContext
} from '#lib/domain/plan/publishContext.ts';
import { getConfig } from '../config.ts';
import type { OrgTx } from '../db/client.ts';
import { organizations, users } from '../db/schema/accounts.ts';
import { cadences, cadenceVersions } from '../db/schema/cadences.ts';
import {
	emailTemplates,
	senders,
	whatsappAccounts,
	whatsappTemplates,
	type WhatsappComponent
} from '../db/schema/channels.ts';
import { views } from '../db/schema/crm.ts';
import { deployedLimits } from '../limits/deployedLimits.ts';
import { listModules } from '../modules/listModules.ts';
import { noCadence } from './getCadence.ts';

/**
 * GRA-9: everything outside the draft that decides whether it can be published, read in the caller's transaction.
 * The canvas gets the same for live validation.
 * @throws not_found
 */
export async function getPublishContext(
	tx: OrgTx,
	actor: Pick<Actor, 'orgId'>,
	cadenceId: string
): Promise<PublishContext> {
	const [cadence] = await tx
		.select({ id: cadences.id, moduleId: cadences.moduleId, enrollmentKind: cadences.enrollmentKind })
		.from(cadences)
		.where(and(eq(cadences.orgId, actor.orgId), eq(cadences.id, cadenceId), isNull(cadences.deletedAt)));
	if (!cadence) throw noCadence();
	return readPublishContext(tx, actor, cadence);
}

/** The same for a cadence that does not exist yet (import, preview of a clone). */
export async function readPublishContext(
	tx: OrgTx,
	{ orgId }: Pick<Actor, 'orgId'>,
	{
		id = null,
		moduleId,
		enrollmentKind
	}: { id?: string | null; moduleId: string; enrollmentKind: EnrollmentKind }
): Promise<PublishContext> {
	const modules = await listModules(tx);
	const module = modules.find((candidate) => candidate.id === moduleId);
	if (!module) throw new DomainError('not_found', 'There is no such module.');
	const related = relatedFields(module, modules);
	const merge = mergeContextOf(module, module.fields, related);
	const [organization] = await tx
		.select({
			edition: organizations.edition,
			addOns: organizations.addOns,
			actionsPerCadence: organizations.actionsPerCadence,
			emailsPerDay: organizations.emailsPerDay,
			callResults: organizations.callResults,
			businessHours: organizations.businessHours,
			requireUnsubscribeBlock: organizations.requireUnsubscribeBlock,
			today: sql<string>`app.local_day(app.now(), ${organizations.timeZone})::text`
		})
		.from(organizations)
		.where(eq(organizations.id, orgId));
	const { callResults, businessHours, requireUnsubscribeBlock, today, ...subscription } = organization!;
	return {
		module: {
			id: module.id,
			key: module.key,
			kind: module.kind,
			singular: module.singular,
			plural: module.plural,
			formerNames: module.formerNames ?? []
		},
		enrollmentKind,
		fields: module.fields,
		related,
		...(await readTemplates(tx, orgId, merge)),
		...(await readPeople(tx, orgId)),
		views: await readViews(tx, orgId, moduleId),
		cadenceId: id,
		cadences: await readCadences(tx, orgId, moduleId),
		callResults,
		privateHosts: getConfig().ALLOW_PRIVATE_HOSTS,
		businessHours,
		requireUnsubscribeBlock,
		today,
		actionLimit: deployedLimits(subscription).actions,
		editionLabel: editions[subscription.edition].label
	};
}

function relatedFields(
	module: ModuleDefinition,
	modules: readonly ModuleDefinition[]
): PublishContext['related'] {
	return Object.fromEntries(
		module.fields
			.filter((field) => field.type === 'lookup')
			.map((field) => [
				field.key,
				modules.find((candidate) => candidate.key === field.lookupModuleKey)?.fields ?? []
			])
	);
}

async function readTemplates(tx: OrgTx, orgId: string, merge: MergeContext) {
	const emails = await tx
		.select()
		.from(emailTemplates)
		.where(and(eq(emailTemplates.orgId, orgId), isNull(emailTemplates.deletedAt)))
		.orderBy(sql`lower(${emailTemplates.name})`);
	const whatsapp = await tx
		.select()
		.from(whatsappTemplates)
		.where(eq(whatsappTemplates.orgId, orgId))
		.orderBy(whatsappTemplates.name);
	const accounts = await tx
		.select({ status: whatsappAccounts.status })
		.from(whatsappAccounts)
		.where(eq(whatsappAccounts.orgId, orgId));
	return {
		templates: emails.map((template) => contextTemplate(template, merge)),
		whatsappTemplates: whatsapp.map(contextWhatsappTemplate),
		whatsappConnected: accounts.some((account) => account.status === 'connected')
	};
}

function contextTemplate(row: typeof emailTemplates.$inferSelect, merge: MergeContext): ContextTemplate {
	const html = parseTemplate(row.html);
	return {
		id: row.id,
		name: row.name,
		moduleId: row.moduleId,
		hasUnsubscribeLink: hasUnsubscribeLink(html),
		problems: [...checkTemplate(parseTemplate(row.subject), merge), ...checkTemplate(html, merge)],
		links: linksOf(row.html),
		linkTexts: linkTextsOf(row.html)
	};
}

function contextWhatsappTemplate(row: typeof whatsappTemplates.$inferSelect): ContextWhatsappTemplate {
	const text = row.components.map((component: WhatsappComponent) => component.text ?? '').join('\n');
	return {
		id: row.id,
		name: row.name,
		language: row.language,
		status: row.status,
		variables: placeholdersIn(text),
		buttons: row.components.flatMap((component: WhatsappComponent) =>
			(component.buttons ?? []).filter((button) => button.type === 'QUICK_REPLY').map((button) => button.text)
		)
	};
}

async function readPeople(tx: OrgTx, orgId: string) {
	return {
		senders: await tx
			.select({ id: senders.id, name: senders.name, address: senders.address, status: senders.status })
			.from(senders)
			.where(eq(senders.orgId, orgId))
			.orderBy(senders.name),
		users: await tx
			.select({ id: users.id, name: users.name, active: users.active })
			.from(users)
			.where(eq(users.orgId, orgId))
			.orderBy(users.name)
	};
}

async function readViews(tx: OrgTx, orgId: string, moduleId: string): Promise<PublishContext['views']> {
	const rows = await tx
		.select({ id: views.id, name: views.name, shared: views.shared, criteria: views.criteria })
		.from(views)
		.where(and(eq(views.orgId, orgId), eq(views.moduleId, moduleId)))
		.orderBy(views.name);
	return rows.map(({ criteria, ...view }) => ({ ...view, usesCurrentUser: usesCurrentUser(criteria) }));
}

/** What an `enroll` action may name, with the cadences that each of them enrolls into itself. */
async function readCadences(tx: OrgTx, orgId: string, moduleId: string): Promise<PublishContext['cadences']> {
	return tx
		.select({
			id: cadences.id,
			name: cadences.name,
			state: cadences.state,
			enrollmentKind: cadences.enrollmentKind,
			enrolls: sql<
				string[]
			>`coalesce(jsonb_path_query_array(${cadenceVersions.plan}, '$.nodes.* ? (@.kind == "enroll").config.cadenceId'), '[]')`
		})
		.from(cadences)
		.leftJoin(
			cadenceVersions,
			and(eq(cadenceVersions.orgId, cadences.orgId), eq(cadenceVersions.id, cadences.activeVersionId))
		)
		.where(and(eq(cadences.orgId, orgId), eq(cadences.moduleId, moduleId), isNull(cadences.deletedAt)))
		.orderBy(sql`lower(${cadences.name})`);
}
