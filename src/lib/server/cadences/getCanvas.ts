import { and, eq, inArray } from 'drizzle-orm';
import { convert } from 'html-to-text';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can, requirePermission } from '#lib/domain/access/permissions.ts';
import { allFields, type FieldDefinition } from '#lib/domain/crm/fields.ts';
import { isDomainError } from '#lib/domain/errors.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';
import type { OrgTx } from '../db/client.ts';
import { documents } from '../db/schema/cadences.ts';
import { emailTemplates, whatsappTemplates } from '../db/schema/channels.ts';
import { getModule } from '../modules/getModule.ts';
import { countCriteria } from '../views/countCriteria.ts';
import { getView } from '../views/getView.ts';
import type { CadenceItem } from './cadenceRow.ts';
import { getCadence, noCadence } from './getCadence.ts';
import { getPublishContext } from './getPublishContext.ts';

export type Canvas = {
	cadence: CadenceItem;
	/** Of the stored document: what an open canvas must have been opened with. */
	generation: number;
	canEdit: boolean;
	publish: PublishContext;
	fields: FieldDefinition[];
	/** Records of the live (or first) audience; null for manual enrollment or when counting took too long. */
	audienceCount: number | null;
	emailPreviews: Record<string, { subject: string; text: string }>;
	whatsappBodies: Record<string, string>;
};

/**
 * Everything the canvas shows beside the draft itself, in a handful of queries.
 * @throws forbidden, not_found
 */
export async function getCanvas(tx: OrgTx, actor: Actor, cadenceId: string): Promise<Canvas> {
	requirePermission(actor, 'cadences.view');
	const cadence = await getCadence(tx, actor, cadenceId);
	const publish = await getPublishContext(tx, actor, cadenceId);
	const module = await getModule(tx, cadence.module.key);
	const [document] = await tx
		.select({ generation: documents.generation })
		.from(documents)
		.where(and(eq(documents.orgId, actor.orgId), eq(documents.cadenceId, cadenceId)));
	if (!document) throw noCadence();
	return {
		cadence,
		generation: document.generation,
		canEdit: can(actor, 'cadences.manage'),
		publish,
		fields: [...allFields(module)],
		audienceCount: await countAudience(tx, actor, cadence),
		...(await readPreviews(tx, actor.orgId, publish))
	};
}

/** A canvas opens also for people who may not see the module's records, or whose view became invalid. */
async function countAudience(tx: OrgTx, actor: Actor, cadence: CadenceItem): Promise<number | null> {
	if (!cadence.view) return null;
	try {
		const view = await getView(tx, actor, cadence.view.id);
		return await countCriteria(tx, actor, {
			moduleKey: cadence.module.key,
			criteria: view.criteria,
			audience: true
		});
	} catch (error) {
		if (isDomainError(error)) return null;
		throw error;
	}
}

async function readPreviews(tx: OrgTx, orgId: string, publish: PublishContext) {
	const ids = publish.templates.map(({ id }) => id);
	const emails = ids.length
		? await tx
				.select({ id: emailTemplates.id, subject: emailTemplates.subject, html: emailTemplates.html })
				.from(emailTemplates)
				.where(and(eq(emailTemplates.orgId, orgId), inArray(emailTemplates.id, ids)))
		: [];
	const messages = await tx
		.select({ id: whatsappTemplates.id, components: whatsappTemplates.components })
		.from(whatsappTemplates)
		.where(eq(whatsappTemplates.orgId, orgId));
	return {
		emailPreviews: Object.fromEntries(
			emails.map(({ id, subject, html }) => [id, { subject, text: previewText(html) }])
		),
		whatsappBodies: Object.fromEntries(
			messages.map(({ id, components }) => [
				id,
				components.find((component) => component.type === 'BODY')?.text ?? ''
			])
		)
	};
}

const previewText = (html: string): string =>
	convert(html, {
		wordwrap: false,
		selectors: [
			{ selector: 'a', options: { ignoreHref: true } },
			{ selector: 'img', format: 'skip' }
		]
	}).slice(0, 400);
