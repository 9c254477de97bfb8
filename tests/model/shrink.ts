import type { PlanAction, PlanCondition } from '../../src/lib/domain/plan/plan.ts';
import { immediately } from '../../src/lib/domain/time/delay.ts';
import { targetsOf } from './conditions.ts';
import type { Batch, Journey, Turn } from './journeys.ts';

const without = <T>(list: readonly T[], n: number): T[] => list.filter((_, i) => i !== n);
const put = <T>(list: readonly T[], n: number, value: T): T[] =>
	list.map((one, i) => (i === n ? value : one));

const allParts: Omit<Turn, 'clock'> = { changes: true, sweep: true, post: true, responses: true, pass: true };

/** Batches of one journey that are a little smaller, the boldest first. */
function* smaller({ turns, journeys }: Batch): Generator<Batch> {
	const journey = journeys[0]!;
	const { commands } = journey;
	const length = Math.min(turns.length, commands.length);
	for (let n = length - 1; n > 0; n--)
		yield { turns: without(turns, n), journeys: [{ ...journey, commands: without(commands, n) }] };
	for (let n = 0; n < length; n++) {
		if (commands[n]!.do !== 'nothing')
			yield { turns, journeys: [{ ...journey, commands: put(commands, n, { do: 'nothing' }) }] };
		const turn = turns[n]!;
		if (!(turn.changes && turn.sweep && turn.post && turn.responses && turn.pass))
			yield { turns: put(turns, n, { ...turn, ...allParts }), journeys };
		if (!('ms' in turn.clock && turn.clock.ms === 0))
			yield { turns: put(turns, n, { ...turn, clock: { ms: 0 } }), journeys };
	}
	for (const simpler of simplerPlans(journey)) yield { turns, journeys: [simpler] };
}

function* simplerPlans(journey: Journey): Generator<Journey> {
	const { plan } = journey;
	const withNode = (node: PlanAction | PlanCondition): Journey => ({
		...journey,
		plan: { ...plan, nodes: { ...plan.nodes, [node.id]: node } }
	});
	const used = new Set([plan.entry.target]);
	for (const node of Object.values(plan.nodes)) {
		if (node.kind === 'condition') {
			for (const id of targetsOf(node)) used.add(id);
			if (node.cases.length > 1)
				for (const n of node.cases.keys()) yield withNode({ ...node, cases: without(node.cases, n) });
			continue;
		}
		if (node.kind === 'exit') continue;
		for (const [n, branch] of node.branches.entries()) {
			used.add(branch.target);
			yield withNode({ ...node, branches: without(node.branches, n) } as PlanAction);
			if (branch.delay.unit !== 'immediately' && !branch.negative)
				yield withNode({
					...node,
					branches: put(node.branches, n, { ...branch, delay: immediately })
				} as PlanAction);
		}
	}
	for (const id of Object.keys(plan.nodes))
		if (!used.has(id)) {
			const { [id]: _, ...nodes } = plan.nodes;
			yield { ...journey, plan: { ...plan, nodes } };
		}
	yield { ...journey, plan: { ...plan, entry: { ...plan.entry, delay: immediately } } };
	const { settings } = plan;
	const plain = { window: null, weekdays: null, endAfterDays: null } as const;
	for (const key of Object.keys(plain) as (keyof typeof plain)[])
		if (settings[key] !== null)
			yield { ...journey, plan: { ...plan, settings: { ...settings, [key]: null } } };
	if (settings.unenroll.outcomes.length)
		yield {
			...journey,
			plan: { ...plan, settings: { ...settings, unenroll: { ...settings.unenroll, outcomes: [] } } }
		};
}

/** The smallest batch that still fails, found greedily; `fails` gives the reason. */
export async function shrink(
	batch: Batch,
	reason: string,
	fails: (batch: Batch) => Promise<string | null>,
	budgetMs: number
): Promise<{ batch: Batch; reason: string }> {
	const until = Date.now() + budgetMs;
	let found = { batch, reason };
	for (let better = true; better && Date.now() < until;) {
		better = false;
		for (const candidate of smaller(found.batch)) {
			if (Date.now() > until) break;
			if (JSON.stringify(candidate) === JSON.stringify(found.batch)) continue;
			const why = await fails(candidate);
			if (why === null) continue;
			found = { batch: candidate, reason: why };
			better = true;
			break;
		}
	}
	return found;
}
