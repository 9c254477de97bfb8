import type { OwnerRule } from '#lib/domain/cadence/draft.ts';
import type { DueRun } from './dueRow.ts';

const recordOwner: OwnerRule = { kind: 'recordOwner' };

/** GRA-8: who the due action belongs to, or who reviews it; null when nobody is asked for. */
export function ownerRuleOf(target: DueRun['target']): OwnerRule | null {
	switch (target?.kind) {
		case 'task':
		case 'call':
		case 'changeOwner':
			return target.config.owner;
		case 'email':
			return target.config.review ? (target.config.reviewer ?? recordOwner) : null;
		default:
			return null;
	}
}

/** Everybody the rule may come to. */
export function candidatesOf(rule: OwnerRule, recordOwnerId: string): string[] {
	const fallback = rule.fallbackUserId ? [rule.fallbackUserId] : [];
	switch (rule.kind) {
		case 'user':
			return [rule.userId, ...fallback];
		case 'recordOwner':
			return [recordOwnerId, ...fallback];
		case 'roundRobin':
			return [...rule.userIds, ...fallback];
	}
}
