import type { PlanAction, PlanExit, PlanNode } from '#lib/domain/plan/plan.ts';
import { followConditions, getBranch, getNode } from '#lib/domain/enrollment/branches.ts';
import type { Choices } from '#lib/domain/enrollment/runEvent.ts';
import { noResponseId } from '#lib/domain/enrollment/race.ts';
import type { Run } from '#lib/domain/enrollment/state.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import type { CadenceContext } from './cadenceContext.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';
import type { RecordFacts } from './recordFacts.ts';

/** One run of a pass: the row, its pinned plan, and what its next branch leads to. */
export type DueRun = {
	row: EnrollmentRow;
	run: Run;
	plan: Plan;
	cadence: CadenceContext;
	/** null: no branch is due, only time ran out (EXE-3 [+]). */
	target: PlanAction | PlanExit | null;
	/** GRA-10: what the conditions on the way decided. */
	choices: Choices;
	record: RecordFacts;
	/** Subject and description with merge fields filled in; null: they have none. */
	texts: { subject: string; description: string } | null;
};

/** Where the due branch goes at first; null: no branch is due. @throws when the plan has no such branch */
export function firstNodeOf(run: Run, plan: Plan): PlanNode | null {
	if (!run.next || run.next.branchId === noResponseId) return null;
	return getNode(plan, getBranch(plan, run.race, run.next.branchId).target);
}

/** What the due branch leads to, through decided conditions. @throws when the plan has no such branch */
export function targetOf(run: Run, plan: Plan, choices: Choices): DueRun['target'] {
	if (!run.next || run.next.branchId === noResponseId) return null;
	return followConditions(plan, getBranch(plan, run.race, run.next.branchId).target, choices).node;
}
