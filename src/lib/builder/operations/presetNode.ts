import { newNodeId } from '#lib/collab/layout.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';
import { recipientChoices } from '../words/recipients.ts';
import type { AddableKind } from './stepKinds.ts';

/** What a new step starts with, so that the usual case needs no choice: the record's own address, its owner. */
export function presetNode(kind: AddableKind, context: PublishContext): Record<string, unknown> {
	const first = (type: 'email' | 'phone') => recipientChoices(context, type)[0]?.path ?? null;
	if (kind === 'email') return { recipient: first('email'), sender: defaultSender(context) };
	if (kind === 'whatsapp' || kind === 'call') return { recipient: first('phone') };
	if (kind === 'condition') return { cases: [{ id: newNodeId(), label: '', criteria: null }] };
	return {};
}

function defaultSender({ senders }: PublishContext) {
	const sender = senders.find(({ status }) => status === 'active');
	return sender ? { kind: 'sender', senderId: sender.id } : null;
}

/**
 * CRM-2: why a channel cannot be used in this module; null when it can. The same rule is checked at publish and at
 * run time.
 */
export function channelRefusal(
	kind: AddableKind,
	{ module, whatsappConnected }: PublishContext
): string | null {
	if (kind === 'call' && module.kind === 'custom') return 'Calls are for system modules only.';
	if (kind === 'whatsapp' && module.key !== 'leads' && module.key !== 'contacts')
		return 'WhatsApp is for Leads and Contacts only.';
	if (kind === 'whatsapp' && !whatsappConnected) return 'Connect a WhatsApp business account first.';
	return null;
}
