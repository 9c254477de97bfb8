import type { Draft, DraftNodeOf, SenderRule } from '../cadence/draft.ts';
import { firstVariantId } from '../cadence/chooseVariant.ts';
import { checkOwner, checkRecipient, fieldOf } from './checkParts.ts';
import type { ContextIndex } from './contextIndex.ts';
import type { Violation } from './plan.ts';
import { error, warning } from './violation.ts';

const emailPattern = /^[^\s@",<>]{1,64}@[^\s@",<>]{1,189}$/;

/** GRA-8, GRA-9: templates, sender, recipient, reply-to, thread, A/B variants and review of an e-mail. */
export function checkEmail(node: DraftNodeOf<'email'>, draft: Draft, index: ContextIndex): Violation[] {
	const found = [
		...checkEmailTemplate(fieldOf(node, 'templateId'), node.templateId, index),
		...checkVariants(node, index),
		...checkSender(node.id, node.sender, index),
		...checkRecipient(node, 'email', 'email.recipient', index)
	];
	if (node.replyTo && !emailPattern.test(node.replyTo))
		found.push(
			error('email.replyTo', fieldOf(node, 'replyTo'), `"${node.replyTo}" is not an e-mail address.`)
		);
	if (node.threaded && !hasOtherEmail(draft, node.id))
		found.push(
			warning(
				'email.threaded',
				fieldOf(node, 'threaded'),
				'There is no earlier e-mail to answer: this one starts a new conversation.'
			)
		);
	if (node.review && node.reviewer)
		found.push(...checkOwner(fieldOf(node, 'reviewer'), node.reviewer, 'email.reviewer', index));
	return found;
}

const hasOtherEmail = (draft: Draft, id: string): boolean =>
	Object.values(draft.nodes).some((other) => other.kind === 'email' && other.id !== id);

function checkEmailTemplate(
	at: Violation['at'],
	templateId: string | null,
	{ context, templates }: ContextIndex
): Violation[] {
	if (templateId === null) return [error('email.template', at, 'Choose the template of this e-mail.')];
	const template = templates.get(templateId);
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

/** GRA-8 [+]: every variant is an e-mail of its own; the same template twice compares nothing. */
function checkVariants(node: DraftNodeOf<'email'>, index: ContextIndex): Violation[] {
	const ids = new Set<string>([firstVariantId]);
	const used = new Set([node.templateId]);
	return (node.variants ?? []).flatMap(({ id, templateId }) => {
		const at = fieldOf(node, `variants.${id}`);
		const found = checkEmailTemplate(at, templateId, index);
		if (ids.has(id)) found.push(error('email.variants', at, 'This variant is there twice. Remove it.'));
		else if (templateId !== null && used.has(templateId))
			found.push(
				error('email.variants', at, 'This template is used by another variant already. Choose another.')
			);
		ids.add(id);
		used.add(templateId);
		return found;
	});
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
