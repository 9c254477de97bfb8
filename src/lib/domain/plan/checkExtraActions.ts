import type { DraftNodeOf } from '../cadence/draft.ts';
import { fieldValueProblem, takesMergeFields, updateRefusal } from './checkFieldValue.ts';
import { checkOwner, checkText, fieldOf } from './checkParts.ts';
import type { ContextIndex } from './contextIndex.ts';
import type { Violation } from './plan.ts';
import { error, warning } from './violation.ts';
import { webhookUrlProblem } from './webhookUrl.ts';

/** GRA-8 [+]: the field is there, may be written, and the value fits its type. */
export function checkUpdateField(node: DraftNodeOf<'updateField'>, index: ContextIndex): Violation[] {
	const at = fieldOf(node, 'field');
	const { plural, singular } = index.context.module;
	if (node.field === null)
		return [error('updateField.field', at, `Choose the field of the ${singular} to update.`)];
	const field = index.fields.get(node.field);
	if (!field)
		return [
			error(
				'updateField.field',
				at,
				`${plural} have no field "${node.field}" that an action can write. Choose another.`
			)
		];
	const refusal = updateRefusal(field);
	if (refusal) return [error('updateField.field', at, refusal)];
	const problem = fieldValueProblem(field, node.value);
	if (problem) return [error('updateField.value', fieldOf(node, 'value'), problem)];
	if (typeof node.value !== 'string') return [];
	if (field.type === 'user')
		return checkOwner(
			fieldOf(node, 'value'),
			{ kind: 'user', userId: node.value },
			'updateField.value',
			index
		);
	return takesMergeFields(field.type) ? checkText(node, 'value', node.value, index) : [];
}

/** GRA-8 [+]: at least one tag, none both added and removed. Tags are one whatever their case. */
export function checkTags(node: DraftNodeOf<'tags'>): Violation[] {
	if (!node.add.length && !node.remove.length)
		return [error('tags.empty', fieldOf(node, 'add'), 'Name at least one tag to add or to remove.')];
	const removed = new Set(node.remove.map((tag) => tag.toLowerCase()));
	const both = node.add.find((tag) => removed.has(tag.toLowerCase()));
	return both === undefined
		? []
		: [error('tags.conflict', fieldOf(node, 'remove'), `The tag "${both}" is both added and removed.`)];
}

/** GRA-8 [+]: somebody who can own the record, and not only whoever owns it already. */
export function checkChangeOwner(node: DraftNodeOf<'changeOwner'>, index: ContextIndex): Violation[] {
	const at = fieldOf(node, 'owner');
	if (!node.owner) return [error('changeOwner.owner', at, 'Choose the new owner.')];
	if (node.owner.kind === 'recordOwner')
		return [
			error(
				'changeOwner.owner',
				at,
				'The record owner owns the record already. Choose a person, or several who take turns.'
			)
		];
	return checkOwner(at, node.owner, 'changeOwner.owner', index);
}

/** GRA-8 [+]. */
export function checkWebhook(node: DraftNodeOf<'webhook'>, { context }: ContextIndex): Violation[] {
	const problem = webhookUrlProblem(node.url, context.privateHosts);
	return problem ? [error('webhook.url', fieldOf(node, 'url'), problem)] : [];
}

/** GRA-8 [+]: another, published cadence with manual enrollment; warned when it is inactive or leads back here. */
export function checkEnroll(node: DraftNodeOf<'enroll'>, index: ContextIndex): Violation[] {
	const at = fieldOf(node, 'cadenceId');
	const { cadenceId, module } = index.context;
	const wrong = (message: string) => [error('enroll.cadence', at, message)];
	if (node.cadenceId === null) return wrong('Choose the cadence to enroll into.');
	if (node.cadenceId === cadenceId)
		return wrong('A cadence cannot enroll into itself. Choose another cadence.');
	const target = index.cadences.get(node.cadenceId);
	if (!target) return wrong(`There is no such cadence for ${module.plural} (any more). Choose another.`);
	if (target.enrollmentKind === 'view')
		return wrong(
			`"${target.name}" enrolls the records of its view by itself. Choose one with manual enrollment.`
		);
	if (target.state === 'draft')
		return wrong(`"${target.name}" was never published. Publish it or choose another.`);
	const found: Violation[] = [];
	if (target.state === 'inactive')
		found.push(
			warning('enroll.inactive', at, `"${target.name}" is inactive: nobody is enrolled until it is active.`)
		);
	const ring = cadenceId === null ? null : wayBack(target.id, cadenceId, index);
	if (ring)
		found.push(
			warning(
				'enroll.ring',
				at,
				`${ring.map((name) => `"${name}"`).join(', then ')} enrolls into this cadence again: records may go in circles.`
			)
		);
	return found;
}

/** The names of the cadences on a way from one to the other; null when none leads there. */
function wayBack(from: string, to: string, { cadences }: ContextIndex): string[] | null {
	const seen = new Set<string>();
	const open = [{ id: from, names: [] as string[] }];
	for (let next = open.shift(); next; next = open.shift()) {
		const cadence = cadences.get(next.id);
		if (!cadence || seen.has(next.id)) continue;
		seen.add(next.id);
		const names = [...next.names, cadence.name];
		if (cadence.enrolls.includes(to)) return names;
		open.push(...cadence.enrolls.map((id) => ({ id, names })));
	}
	return null;
}
