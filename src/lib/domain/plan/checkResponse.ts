import { responsesByKind, taskStatuses, type BranchingKind } from '../cadence/responses.ts';
import type { DraftNode } from '../cadence/draft.ts';
import type { PublishContext } from './publishContext.ts';

/** A response as a draft writes it: not yet known to be one. */
export type LooseRef = { response: string; parameter?: string | undefined };

export const definitionOf = (channel: BranchingKind, response: string) =>
	responsesByKind[channel].find((definition) => definition.kind === response);

/** GRA-6: the sentence why this response cannot come from this action; null when it can. */
export function checkResponse(
	channel: BranchingKind,
	ref: LooseRef,
	node: DraftNode | null,
	context: PublishContext
): { parameter: boolean; message: string } | null {
	const definition = definitionOf(channel, ref.response);
	if (!definition)
		return {
			parameter: false,
			message: `This kind of action has no response "${ref.response}". Choose another.`
		};
	if (ref.parameter === undefined)
		return definition.parameter === 'required'
			? { parameter: true, message: `Choose which ${definition.label.toLowerCase()} takes this branch.` }
			: null;
	if (definition.parameter === 'none')
		return { parameter: true, message: `"${definition.label}" takes no further choice.` };
	const message = checkParameter(channel, definition.kind, ref.parameter, node, context);
	return message === null ? null : { parameter: true, message };
}

function checkParameter(
	channel: BranchingKind,
	response: string,
	parameter: string,
	node: DraftNode | null,
	context: PublishContext
): string | null {
	switch (`${channel}/${response}`) {
		case 'call/result':
			return context.callResults.includes(parameter)
				? null
				: `"${parameter}" is no call result of your organization (any more). Choose another.`;
		case 'task/status':
			return (taskStatuses as readonly string[]).includes(parameter)
				? null
				: `"${parameter}" is no task status. Choose another.`;
		case 'email/bounced':
			return parameter === 'hard' || parameter === 'soft' ? null : 'A bounce is hard or soft.';
		case 'email/clicked':
			return checkLink(parameter, node, context);
		case 'whatsapp/replied':
			return checkButton(parameter, node, context);
		case 'condition/case':
			return node?.kind === 'condition' && node.cases.some(({ id }) => id === parameter)
				? null
				: 'The condition has no such case any more. Remove this branch, or let another case take it.';
		default:
			return null;
	}
}

/** A link is named by its place in the template (of any variant), the first is 0. */
function checkLink(parameter: string, node: DraftNode | null, context: PublishContext): string | null {
	if (!/^\d{1,3}$/.test(parameter)) return 'Choose a link of the template.';
	if (node?.kind !== 'email') return null;
	const ids = [node.templateId, ...(node.variants ?? []).map(({ templateId }) => templateId)];
	const templates = context.templates.filter(({ id }) => ids.includes(id));
	return !templates.length || templates.some(({ links }) => Number(parameter) < links.length)
		? null
		: 'The template has no such link any more. Choose another.';
}

function checkButton(parameter: string, node: DraftNode | null, context: PublishContext): string | null {
	const template =
		node?.kind === 'whatsapp'
			? context.whatsappTemplates.find((candidate) => candidate.id === node.templateId)
			: undefined;
	return !template || template.buttons.includes(parameter)
		? null
		: `The template has no button "${parameter}". Choose another.`;
}
