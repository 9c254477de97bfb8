import type { Criteria } from './criteria.ts';

/** CRM-6: whether a part of the criteria depends on who looks; such a view is no audience. */
export function usesCurrentUser(criteria: Criteria): boolean {
	if ('field' in criteria) return criteria.op === 'currentUser';
	return ('all' in criteria ? criteria.all : criteria.any).some(usesCurrentUser);
}
