import type { Draft, DraftNode, DraftNodeOf } from '../cadence/draft.ts';
import { checkCondition } from './checkCondition.ts';
import { checkEmail } from './checkEmail.ts';
import {
	checkChangeOwner,
	checkEnroll,
	checkTags,
	checkUpdateField,
	checkWebhook
} from './checkExtraActions.ts';
import { checkOwner, checkRecipient, checkText, fieldOf } from './checkParts.ts';
import type { ContextIndex } from './contextIndex.ts';
import type { Graph } from './graph.ts';
import type { Violation } from './plan.ts';
import type { PublishContext } from './publishContext.ts';
import { error, kindLabel, nodeLabel } from './violation.ts';

/** CRM-2, GRA-8, GRA-9, GRA-10: channel fits module, and every action and condition has what it needs to run. */
export function checkActions(draft: Draft, graph: Graph, index: ContextIndex): Violation[] {
	return Object.values(draft.nodes).flatMap((node) => [
		...checkChannel(node, index.context),
		...checkAction(node, draft, graph, index)
	]);
}

/** CRM-2: e-mail, task and extra actions everywhere, calls in system modules, WhatsApp in Leads and Contacts. */
function channelFits(kind: DraftNode['kind'], module: { key: string; kind: 'system' | 'custom' }): boolean {
	if (kind === 'call') return module.kind === 'system';
	if (kind === 'whatsapp') return module.key === 'leads' || module.key === 'contacts';
	return true;
}

function checkChannel(node: DraftNode, { module }: PublishContext): Violation[] {
	if (channelFits(node.kind, module)) return [];
	const where = node.kind === 'call' ? 'system modules, not in custom ones' : 'Leads and Contacts';
	return [
		error(
			'channel.module',
			{ node: node.id },
			`${kindLabel(node.kind)} works in ${where} only. Remove ${nodeLabel(node)}: this cadence is for ${module.plural}.`
		)
	];
}

function checkAction(node: DraftNode, draft: Draft, graph: Graph, index: ContextIndex): Violation[] {
	switch (node.kind) {
		case 'email':
			return checkEmail(node, draft, index);
		case 'task':
			return checkTask(node, index);
		case 'call':
			return checkCall(node, index);
		case 'whatsapp':
			return checkWhatsapp(node, index);
		case 'updateField':
			return checkUpdateField(node, index);
		case 'tags':
			return checkTags(node);
		case 'changeOwner':
			return checkChangeOwner(node, index);
		case 'webhook':
			return checkWebhook(node, index);
		case 'enroll':
			return checkEnroll(node, index);
		case 'condition':
			return checkCondition(node, graph, index);
		case 'start':
		case 'exit':
			return [];
	}
}

const checkTask = (node: DraftNodeOf<'task'>, index: ContextIndex): Violation[] => [
	...(node.subject.trim()
		? []
		: [error('task.subject', fieldOf(node, 'subject'), 'Give the task a subject.')]),
	...checkText(node, 'subject', node.subject, index),
	...checkText(node, 'description', node.description, index),
	...checkOwner(fieldOf(node, 'owner'), node.owner, 'task.owner', index)
];

const checkCall = (node: DraftNodeOf<'call'>, index: ContextIndex): Violation[] => [
	...(node.subject.trim()
		? []
		: [error('call.subject', fieldOf(node, 'subject'), 'Give the call a subject.')]),
	...checkText(node, 'subject', node.subject, index),
	...checkText(node, 'agenda', node.agenda, index),
	...checkRecipient(node, 'phone', 'call.recipient', index),
	...checkOwner(fieldOf(node, 'owner'), node.owner, 'call.owner', index)
];

function checkWhatsapp(node: DraftNodeOf<'whatsapp'>, index: ContextIndex): Violation[] {
	const found = checkRecipient(node, 'phone', 'whatsapp.recipient', index);
	if (!index.context.whatsappConnected)
		found.push(
			error(
				'whatsapp.account',
				{ node: node.id },
				'No WhatsApp business account is connected. An administrator connects one under Setup > Channels.'
			)
		);
	const at = fieldOf(node, 'templateId');
	if (node.templateId === null)
		return [...found, error('whatsapp.template', at, 'Choose an approved WhatsApp template.')];
	const template = index.whatsappTemplates.get(node.templateId);
	if (!template)
		return [...found, error('whatsapp.template', at, 'The WhatsApp template is gone. Choose another.')];
	if (template.status !== 'APPROVED')
		found.push(
			error(
				'whatsapp.template',
				at,
				`The template "${template.name}" is ${template.status.toLowerCase()}, not approved. Choose an approved one.`
			)
		);
	for (const variable of template.variables) {
		const text = node.variables[variable] ?? '';
		const field = `variables.${variable}`;
		if (!text.trim())
			found.push(
				error(
					'whatsapp.variables',
					fieldOf(node, field),
					`Say what goes into {{${variable}}} of the template.`
				)
			);
		found.push(...checkText(node, field, text, index));
	}
	return found;
}
