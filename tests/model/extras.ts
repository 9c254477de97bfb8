import type { OwnerRule } from '../../src/lib/domain/cadence/draft.ts';
import type { PlanAction } from '../../src/lib/domain/plan/plan.ts';
import type { Facts } from './journeys.ts';
import type { Life } from './life.ts';
import { names } from './plans.ts';

const works = (user: string | undefined): user is string => user !== undefined && user !== names.idle;

/** GRA-8: whether anybody of those the rule may come to is there. */
export function canFindOwner({ facts }: Pick<Life, 'facts'>, rule: OwnerRule | null): boolean {
	if (rule === null) return false;
	if (works(rule.fallbackUserId)) return true;
	if (rule.kind === 'recordOwner') return works(facts.owner);
	return rule.kind === 'user' ? works(rule.userId) : rule.userIds.some(works);
}

/** GRA-8: who it comes to; in turn, it is the next one's turn then. */
export function findOwner(life: Life, actionId: string, rule: OwnerRule | null): string {
	if (rule?.kind === 'roundRobin') {
		const { userIds } = rule;
		const last = userIds.indexOf(life.turns.get(actionId) ?? '');
		const next = [...userIds.slice(last + 1), ...userIds.slice(0, last + 1)].find(works);
		if (next) life.turns.set(actionId, next);
		return next ?? rule.fallbackUserId!;
	}
	const wanted = rule?.kind === 'user' ? rule.userId : life.facts.owner;
	return works(wanted) ? wanted : rule!.fallbackUserId!;
}

/** GRA-8: what an action writes into the record. */
export function changeOf(action: PlanAction, facts: Facts): Partial<Facts> {
	if (action.kind === 'tags') {
		const { add, remove } = action.config;
		const kept = facts.tags.filter((tag) => !remove.includes(tag));
		return { tags: [...kept, ...add.filter((tag) => !kept.includes(tag))] };
	}
	if (action.kind !== 'updateField') throw new Error(action.kind);
	const { value } = action.config;
	switch (action.config.field) {
		case 'leadStatus':
			return { status: String(value) };
		case 'leadSource':
			return { source: String(value) };
		case 'rating':
			return { rating: value === null ? null : String(value) };
		case 'employees':
			return { employees: Number(value) };
		case 'phone':
			return { phone: '' };
		default:
			throw new Error(String(action.config.field));
	}
}
