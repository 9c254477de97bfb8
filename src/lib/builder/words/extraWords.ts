import type { ConditionCase, DraftNodeOf, OwnerRule } from '#lib/domain/cadence/draft.ts';
import { describeCriteria } from '#lib/domain/criteria/describeCriteria.ts';
import { caseLabel } from '#lib/domain/plan/checkCondition.ts';
import type { ContextField, PublishContext } from '#lib/domain/plan/publishContext.ts';
import type { BuilderContext } from '../builderContext.ts';

type People = Pick<PublishContext, 'users'>;

/** `Record owner`, `Ada Byron`, `In turn among 3`; null while nobody is chosen. */
export function ownerWords(owner: OwnerRule | null, { users }: People): string | null {
	if (!owner) return null;
	if (owner.kind === 'recordOwner') return 'Record owner';
	if (owner.kind === 'user') return users.find(({ id }) => id === owner.userId)?.name ?? null;
	return owner.userIds.length ? `In turn among ${owner.userIds.length}` : null;
}

/** `Stage → Contacted`, `Score → empty`; null while the field is not chosen. */
export function updateWords(
	node: Pick<DraftNodeOf<'updateField'>, 'field' | 'value'>,
	publish: PublishContext
): string | null {
	const field = publish.fields.find(({ key }) => key === node.field);
	return field ? `${field.label} → ${valueWords(field, node.value, publish)}` : null;
}

function valueWords(
	field: ContextField,
	value: DraftNodeOf<'updateField'>['value'],
	{ users }: People
): string {
	if (value === null) return 'empty';
	if (typeof value === 'boolean') return value ? 'Yes' : 'No';
	if (Array.isArray(value)) return value.join(', ') || '...';
	if (field.type === 'user') return users.find(({ id }) => id === value)?.name ?? '...';
	return String(value) || '...';
}

/** `Add hot, new · Remove cold`; null while there is no tag. */
export function tagWords({ add, remove }: Pick<DraftNodeOf<'tags'>, 'add' | 'remove'>): string | null {
	const parts = [
		add.length ? `Add ${add.join(', ')}` : '',
		remove.length ? `Remove ${remove.join(', ')}` : ''
	];
	return parts.filter(Boolean).join(' · ') || null;
}

/** `Hot, Case 2, else`; null without a case. */
export const conditionWords = ({ cases }: DraftNodeOf<'condition'>): string | null =>
	cases.length ? [...cases.map(({ id }) => caseLabel(cases, id)), 'else'].join(', ') : null;

/** The criteria of a case as a sentence; null while there are none. */
export function caseWords(
	{ criteria }: Pick<ConditionCase, 'criteria'>,
	{ publish, fields }: Pick<BuilderContext, 'publish' | 'fields'>
): string | null {
	if (!criteria) return null;
	const names = Object.fromEntries(publish.users.map(({ id, name }) => [id, name]));
	return describeCriteria(criteria, { ...publish.module, nameFields: [], fields }, { names });
}
