import { hasUnsubscribeLink, parseTemplate } from '../mergeFields/parse.ts';
import { checkTemplate, mergeContextOf, type MergeContext } from '../mergeFields/check.ts';
import type { Draft, DraftNode, DraftNodeOf, OwnerRule, SenderRule } from '../cadence/draft.ts';
import { isAction } from './checkBranches.ts';
import type { Violation } from './plan.ts';
import type { PublishContext } from './publishContext.ts';
import { error, kindLabel, nodeLabel, warning, type ViolationCode } from './violation.ts';

type Check<N> = (node: N, draft: Draft, index: ContextIndex) => Violation[];

/** The context with what is asked for again and again looked up once. */
export type ContextIndex = {
	context: PublishContext;
	merge: MergeContext;
	templates: Map<string, PublishContext['templates'][number]>;
	whatsappTemplates: Map<string, PublishContext['whatsappTemplates'][number]>;
	senders: Map<string, PublishContext['senders'][number]>;
	users: Map<string, PublishContext['users'][number]>;
	/** Field path -> type, one lookup deep. */
	paths: Map<string, string>;
};

const byId = <T extends { id: string }>(rows: readonly T[]) => new Map(rows.map((row) => [row.id, row]));

export function indexContext(context: PublishContext): ContextIndex {
	const paths = new Map<string, string>(context.fields.map((field) => [field.key, field.type]));
	for (const [lookup, fields] of Object.entries(context.related))
		for (const field of fields) paths.set(`${lookup}.${field.key}`, field.type);
	return {
		context,
		merge: mergeContextOf(context.module, context.fields, context.related),
		templates: byId(context.templates),
		whatsappTemplates: byId(context.whatsappTemplates),
		senders: byId(context.senders),
		users: byId(context.users),
		paths
	};
}

/** CRM-2, GRA-8, GRA-9: channel fits module, and every action has what it needs to run. */
export function checkActions(draft: Draft, index: ContextIndex): Violation[] {
	return Object.values(draft.nodes)
		.filter(isAction)
		.flatMap((node) => [...checkChannel(node, index.context), ...checkAction(node, draft, index)]);
}

/** CRM-2: e-mail and task everywhere, calls in system modules, WhatsApp in Leads and Contacts. */
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

function checkAction(node: DraftNode, draft: Draft, index: ContextIndex): Violation[] {
	switch (node.kind) {
		case 'email':
			return checkEmail(node, draft, index);
		case 'task':
			return checkTask(node, draft, index);
		case 'call':
			return checkCall(node, draft, index);
		case 'whatsapp':
			return checkWhatsapp(node, draft, index);
		case 'updateField':
		case 'tags':
		case 'changeOwner':
		case 'webhook':
		case 'enroll':
		case 'condition':
		case 'start':
		case 'exit':
			return [];
	}
}

const checkEmail: Check<DraftNodeOf<'email'>> = (node, draft, index) => [
	...checkEmailTemplate(node, index),
	...checkSender(node.id, node.sender, index),
	...checkRecipient(node.id, node.recipient, 'email', 'email.recipient', index),
	...(node.replyTo && !emailPattern.test(node.replyTo)
		? [error('email.replyTo', field(node, 'replyTo'), `"${node.replyTo}" is not an e-mail address.`)]
		: []),
	...(node.threaded &&
	!Object.values(draft.nodes).some((other) => other.kind === 'email' && other.id !== node.id)
		? [
				warning(
					'email.threaded',
					field(node, 'threaded'),
					'There is no earlier e-mail to answer: this one starts a new conversation.'
				)
			]
		: [])
];

const emailPattern = /^[^\s@",<>]{1,64}@[^\s@",<>]{1,189}$/;
const field = (node: { id: string }, name: string): Violation['at'] => ({ node: node.id, field: name });

function checkEmailTemplate(node: DraftNodeOf<'email'>, { context, templates }: ContextIndex): Violation[] {
	const at = field(node, 'templateId');
	if (node.templateId === null) return [error('email.template', at, 'Choose the template of this e-mail.')];
	const template = templates.get(node.templateId);
	if (!template)
		return [error('email.template', at, 'The template of this e-mail was deleted. Choose another.')];
	if (template.moduleId !== null && template.moduleId !== context.module.id)
		return [
			error(
				'email.template',
				at,
				`The template "${template.name}" belongs to another module. Choose one for ${context.module.plural}.`
			)
		];
	const found = template.problems.map((problem) =>
		error('email.mergeFields', at, `Template "${template.name}": ${problem}`)
	);
	if (!template.hasUnsubscribeLink) {
		const text = `The template "${template.name}" has no unsubscribe link. Add one to the template.`;
		found.push(
			context.requireUnsubscribeBlock
				? error('email.unsubscribeLink', at, text)
				: warning('email.unsubscribeLink', at, text)
		);
	}
	return found;
}

function checkSender(nodeId: string, rule: SenderRule | null, { senders }: ContextIndex): Violation[] {
	const at = { node: nodeId, field: 'sender' };
	if (!rule) return [error('email.sender', at, 'Choose who sends this e-mail.')];
	const ids = [rule.kind === 'sender' ? rule.senderId : null, rule.fallbackSenderId ?? null];
	return ids
		.filter((id) => id !== null)
		.flatMap((id) => {
			const sender = senders.get(id);
			if (!sender) return [error('email.sender', at, 'The sender address was removed. Choose another.')];
			return sender.status === 'disabled'
				? [
						error(
							'email.sender',
							at,
							`The sender ${sender.address} is disabled. Enable it or choose another.`
						)
					]
				: [];
		});
}

function checkRecipient(
	nodeId: string,
	path: string | null,
	type: 'email' | 'phone',
	code: ViolationCode,
	{ paths, context }: ContextIndex
): Violation[] {
	const at = { node: nodeId, field: 'recipient' };
	const what = type === 'email' ? 'e-mail' : 'phone';
	if (path === null)
		return [error(code, at, `Choose the ${what} field of the ${context.module.singular} to use.`)];
	const found = paths.get(path);
	if (found === undefined)
		return [error(code, at, `The field "${path}" does not exist any more. Choose another ${what} field.`)];
	return found === type ? [] : [error(code, at, `"${path}" is not a ${what} field. Choose another.`)];
}

function checkOwner(
	nodeId: string,
	rule: OwnerRule,
	code: ViolationCode,
	{ users }: ContextIndex
): Violation[] {
	const at = { node: nodeId, field: 'owner' };
	const ids = [rule.kind === 'user' ? rule.userId : null, rule.fallbackUserId ?? null];
	return ids
		.filter((id) => id !== null)
		.flatMap((id) => {
			const user = users.get(id);
			if (!user) return [error(code, at, 'The chosen owner does not exist. Choose another.')];
			return user.active
				? []
				: [error(code, at, `${user.name} is not active any more. Choose another owner.`)];
		});
}

function checkText(nodeId: string, name: string, text: string, { merge }: ContextIndex): Violation[] {
	if (!text.includes('{{')) return [];
	const template = parseTemplate(text);
	const problems = checkTemplate(template, merge);
	if (hasUnsubscribeLink(template)) problems.push('The unsubscribe link belongs in e-mails.');
	return problems.map((problem) => error('text.mergeFields', { node: nodeId, field: name }, problem));
}

const checkTask: Check<DraftNodeOf<'task'>> = (node, _draft, index) => [
	...(node.subject.trim() ? [] : [error('task.subject', field(node, 'subject'), 'Give the task a subject.')]),
	...checkText(node.id, 'subject', node.subject, index),
	...checkText(node.id, 'description', node.description, index),
	...checkOwner(node.id, node.owner, 'task.owner', index)
];

const checkCall: Check<DraftNodeOf<'call'>> = (node, _draft, index) => [
	...(node.subject.trim() ? [] : [error('call.subject', field(node, 'subject'), 'Give the call a subject.')]),
	...checkText(node.id, 'subject', node.subject, index),
	...checkText(node.id, 'agenda', node.agenda, index),
	...checkRecipient(node.id, node.recipient, 'phone', 'call.recipient', index),
	...checkOwner(node.id, node.owner, 'call.owner', index)
];

const checkWhatsapp: Check<DraftNodeOf<'whatsapp'>> = (node, _draft, index) => {
	const found = checkRecipient(node.id, node.recipient, 'phone', 'whatsapp.recipient', index);
	if (!index.context.whatsappConnected)
		found.push(
			error(
				'whatsapp.account',
				{ node: node.id },
				'No WhatsApp business account is connected. An administrator connects one under Setup > Channels.'
			)
		);
	const at = field(node, 'templateId');
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
	for (const variable of template.variables)
		if (!(node.variables[variable] ?? '').trim())
			found.push(
				error(
					'whatsapp.variables',
					field(node, 'variables'),
					`Say what goes into {{${variable}}} of the template.`
				)
			);
	for (const text of Object.values(node.variables))
		found.push(...checkText(node.id, 'variables', text, index));
	return found;
};
