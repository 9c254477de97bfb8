import { eq } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import type { Draft } from '../../src/lib/domain/cadence/draft.ts';
import { createCadence } from '../../src/lib/server/cadences/createCadence.ts';
import { replaceDocument } from '../../src/lib/server/collab/replaceDocument.ts';
import type { OrgTx } from '../../src/lib/server/db/client.ts';
import { views } from '../../src/lib/server/db/schema/crm.ts';
import { createSender } from '../../src/lib/server/senders/createSender.ts';
import { createTemplate } from '../../src/lib/server/templates/createTemplate.ts';
import { draftOf, task } from './draftOf.ts';

/** The smallest cadence that can be published: one task. */
export const oneTask = (title = 'Look', settings: Record<string, unknown> = {}): Draft =>
	draftOf({ look: task(title) }, [['start', 'entry', 'look']], settings);

/** A cadence of leads with this draft: manual, or with the draft's view as audience. */
export async function makeCadence(
	tx: OrgTx,
	actor: Actor,
	name: string,
	draft: Draft = oneTask()
): Promise<string> {
	const { viewId } = draft.settings;
	const { id } = await createCadence(tx, actor, {
		name,
		moduleKey: 'leads',
		enrollment: viewId === null ? { kind: 'manual' } : { kind: 'view', viewId }
	});
	await replaceDocument(tx, actor.orgId, id, draft, actor.userId);
	return id;
}

/** The shipped view of all leads. */
export async function allLeads(tx: OrgTx): Promise<string> {
	const [view] = await tx.select({ id: views.id }).from(views).where(eq(views.name, 'All Leads'));
	if (!view) throw new Error('The view of all leads is missing.');
	return view.id;
}

/** A template with an unsubscribe link and a sender of the organization. */
export async function makeMailParts(tx: OrgTx, actor: Actor) {
	const template = await createTemplate(tx, actor, {
		name: 'Hello',
		moduleKey: 'leads',
		subject: 'Hi {{lead.firstName | default: "there"}}',
		html: '<p>Hello <a href="https://a.example/x">x</a> <a href="{{unsubscribeLink}}">stop</a></p>'
	});
	const sender = await createSender(tx, actor, { name: 'Sales', address: 'sales@mail.example' });
	return { templateId: template.id, senderId: sender.id };
}
