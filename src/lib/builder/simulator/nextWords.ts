import { entryKey } from '#lib/domain/cadence/responses.ts';
import { getBranch } from '#lib/domain/enrollment/branches.ts';
import { noResponseId } from '#lib/domain/enrollment/race.ts';
import type { Journey } from './journey.ts';
import type { StepNames } from './stepWords.ts';

/** What the next event is: `Send Hello`, `Look them up`, `End without a response`. */
export function nextWords({ simulation }: Journey, names: Pick<StepNames, 'titleOf'>): string {
	const { run, outbox, plan } = simulation;
	const { next } = run;
	if (outbox && (!next || outbox.notBefore <= next.dueAt)) return `Send ${names.titleOf(outbox.actionId)}`;
	if (!next) return 'Next';
	if (next.branchId === noResponseId) return 'End without a response';
	if (next.branchId === entryKey) return names.titleOf(plan.entry.target);
	return names.titleOf(getBranch(plan, run.race, next.branchId).target);
}
