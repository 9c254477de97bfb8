import type { Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import type { ExtraAction } from '../../src/lib/domain/cadence/responses.ts';
import type { PlanActionOf, PlanBranch, PlanCondition } from '../../src/lib/domain/plan/plan.ts';

type Config<K extends ExtraAction> = PlanActionOf<K>['config'];

const extra =
	<K extends ExtraAction>(kind: K) =>
	(id: string, config: Config<K>, branches: PlanBranch[] = []) =>
		({ kind, id, followUp: 1, title: id, branches, config }) as PlanActionOf<K>;

export const updateField = extra('updateField');
export const tags = extra('tags');
export const changeOwner = extra('changeOwner');
export const webhook = extra('webhook');
export const enrollInto = extra('enroll');

/** Cases as `[id, criteria, target]`, tried in order. */
export const condition = (
	id: string,
	cases: [string, Criteria, string | null][],
	otherwise: string | null = null
): PlanCondition => ({
	kind: 'condition',
	id,
	followUp: 0,
	title: id,
	cases: cases.map(([caseId, criteria, target]) => ({ id: caseId, label: caseId, criteria, target })),
	otherwise: { target: otherwise }
});
