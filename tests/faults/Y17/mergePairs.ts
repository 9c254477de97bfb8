import fc from 'fast-check';
import { projectDraft } from '../../../src/lib/collab/document.ts';
import { canonicalJson } from '../../../src/lib/domain/plan/canonicalJson.ts';
import { checkReadable } from '../../../src/lib/domain/plan/checkReadable.ts';
import { compilePlan } from '../../../src/lib/domain/plan/compilePlan.ts';
import { makeMove, meetAll, moveArbitrary, pull, replicas } from '../../support/draftMoves.ts';
import { context, validDraft } from '../../support/drafts.ts';
import { checkPlan } from './checkPlan.ts';

/** Two people edit a draft that could be published, each without the other's edit; then everybody hears everything. */
export function mergePairs(pairs: number, seed: number) {
	let compiled = 0;
	let refused = 0;
	let differentVerdicts = 0;
	const invalidPlans: string[] = [];
	const trial = fc.tuple(validDraft, moveArbitrary, moveArbitrary);
	for (const [draft, one, two] of fc.sample(trial, { numRuns: pairs, seed })) {
		const docs = replicas(3, draft);
		const [mine, yours, late] = [docs[0]!, docs[1]!, docs[2]!];
		makeMove(mine, one);
		makeMove(yours, two);
		// The third hears of the two in the other order.
		pull(yours, late);
		pull(mine, late);
		meetAll(docs);
		const verdicts = docs.map((doc) => {
			const { draft: merged, dropped } = projectDraft(doc);
			const result = compilePlan(merged, context);
			if ('violations' in result || checkReadable(dropped).length)
				return { plan: null, text: canonicalJson(result) };
			return { plan: result.plan, text: canonicalJson(result) };
		});
		if (new Set(verdicts.map(({ text }) => text)).size > 1) differentVerdicts++;
		const { plan } = verdicts[0]!;
		if (!plan) refused++;
		else {
			compiled++;
			invalidPlans.push(...checkPlan(plan));
		}
		for (const doc of docs) doc.destroy();
	}
	return { pairs, compiled, refused, differentVerdicts, invalidPlans };
}
