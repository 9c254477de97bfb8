import type { OwnerRule } from '../cadence/draft.ts';
import { checkTemplate } from '../mergeFields/check.ts';
import { hasUnsubscribeLink, parseTemplate } from '../mergeFields/parse.ts';
import type { ContextIndex } from './contextIndex.ts';
import type { Violation } from './plan.ts';
import { error, type ViolationCode } from './violation.ts';

/** GRA-8: the parts that several kinds of action have in common. */
export const fieldOf = (node: { id: string }, name: string): Violation['at'] => ({
	node: node.id,
	field: name
});

export function checkRecipient(
	node: { id: string; recipient: string | null },
	type: 'email' | 'phone',
	code: ViolationCode,
	{ paths, context }: ContextIndex
): Violation[] {
	const at = fieldOf(node, 'recipient');
	const path = node.recipient;
	const what = type === 'email' ? 'e-mail' : 'phone';
	if (path === null)
		return [error(code, at, `Choose the ${what} field of the ${context.module.singular} to use.`)];
	const found = paths.get(path);
	if (found === undefined)
		return [error(code, at, `The field "${path}" does not exist any more. Choose another ${what} field.`)];
	return found === type ? [] : [error(code, at, `"${path}" is not a ${what} field. Choose another.`)];
}

/** Who gets it: the people exist and are active; of those who take turns, one must be. */
export function checkOwner(
	at: Violation['at'],
	rule: OwnerRule,
	code: ViolationCode,
	index: ContextIndex
): Violation[] {
	const fallback = rule.fallbackUserId === undefined ? [] : [rule.fallbackUserId];
	if (rule.kind !== 'roundRobin')
		return [...(rule.kind === 'user' ? [rule.userId] : []), ...fallback].flatMap((id) =>
			checkUser(at, id, code, index)
		);
	return [
		...checkTurns(at, rule.userIds, code, index),
		...fallback.flatMap((id) => checkUser(at, id, code, index))
	];
}

function checkUser(
	at: Violation['at'],
	id: string,
	code: ViolationCode,
	{ users }: ContextIndex
): Violation[] {
	const user = users.get(id);
	if (!user) return [error(code, at, 'The chosen owner does not exist. Choose another.')];
	return user.active ? [] : [error(code, at, `${user.name} is not active any more. Choose another owner.`)];
}

/** GRA-8: whoever is inactive is passed over, so one active person is enough. */
function checkTurns(
	at: Violation['at'],
	ids: readonly string[],
	code: ViolationCode,
	{ users }: ContextIndex
): Violation[] {
	if (!ids.length) return [error(code, at, 'Choose the people who take turns.')];
	if (ids.some((id) => !users.has(id)))
		return [error(code, at, 'One of the people who take turns does not exist. Choose them again.')];
	return ids.some((id) => users.get(id)!.active)
		? []
		: [error(code, at, 'None of the people who take turns is active. Choose others.')];
}

export function checkText(
	node: { id: string },
	name: string,
	text: string,
	{ merge }: ContextIndex
): Violation[] {
	if (!text.includes('{{')) return [];
	const template = parseTemplate(text);
	const problems = checkTemplate(template, merge);
	if (hasUnsubscribeLink(template)) problems.push('The unsubscribe link belongs in e-mails.');
	return problems.map((problem) => error('text.mergeFields', fieldOf(node, name), problem));
}
