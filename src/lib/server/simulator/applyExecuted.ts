import { checkRecord } from '#lib/domain/crm/checkRecord.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { Verdict } from '#lib/domain/enrollment/runEvent.ts';
import { findAction } from '#lib/domain/enrollment/branches.ts';
import { parseTemplate } from '#lib/domain/mergeFields/parse.ts';
import { renderText } from '#lib/domain/mergeFields/render.ts';
import type { MergeValues } from '#lib/domain/mergeFields/values.ts';
import type { Plan, PlanAction } from '#lib/domain/plan/plan.ts';
import type { OrgTx } from '../db/client.ts';
import { changedTags } from '../engine/prepareChanges.ts';
import { readMergeValues } from '../templates/readMergeValues.ts';
import { changed, sourceOf, type Subject } from './subject.ts';

type World = { tx: OrgTx; orgId: string; plan: Plan; module: ModuleDefinition };

/** GRA-8: the record after the actions that change it were executed, in their order. Nothing is stored. */
export async function applyExecuted(
	world: World,
	subject: Subject,
	executed: readonly string[]
): Promise<Subject> {
	let now = subject;
	for (const id of executed) {
		const action = findAction(world.plan, id);
		const values = action && (await valuesOf(world, now, action));
		if (!values) continue;
		const checked = checkRecord(world.module, values, { partial: true });
		if (!checked.problems.length) now = changed(world.module, now, checked);
	}
	return now;
}

/** What the action would write; null: it changes no record. Who is next in turn is not known in a simulation. */
async function valuesOf(
	{ tx, orgId }: World,
	subject: Subject,
	action: PlanAction
): Promise<Record<string, unknown> | null> {
	if (action.kind === 'tags') return { tags: changedTags(subject.tags, action.config) };
	if (action.kind === 'changeOwner')
		return action.config.owner?.kind === 'user' ? { owner: action.config.owner.userId } : null;
	if (action.kind !== 'updateField' || action.config.field === null) return null;
	const { field, value } = action.config;
	if (typeof value !== 'string' || !value.includes('{{')) return { [field]: value };
	const [values] = await readMergeValues(tx, [{ orgId, recordId: subject.id }], sourceOf(orgId, subject));
	return values ? { [field]: renderText(parseTemplate(value), values) } : null;
}

/** GRA-8: a value that the record cannot take fails the run. null: the action can be executed. */
export function refuseValue(
	module: ModuleDefinition,
	action: PlanAction,
	values: MergeValues | null
): Verdict | null {
	if (action.kind !== 'updateField' || action.config.field === null) return null;
	const { field, value } = action.config;
	const text = typeof value === 'string' && values ? renderText(parseTemplate(value), values) : value;
	const [problem] = checkRecord(module, { [field]: text }, { partial: true }).problems;
	return problem ? { do: 'fail', reason: 'value_refused', detail: problem.message } : null;
}
