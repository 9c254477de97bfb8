import type { ResponseKind, ResponseRef } from '../cadence/responses.ts';
import { canonicalJson } from '../plan/canonicalJson.ts';
import type { Plan, PlanBranch } from '../plan/plan.ts';
import { branchesTaking, currentAction, findAction, getNode, type TimedBranch } from './branches.ts';
import { waitsForSilence } from './race.ts';
import type { Instant, Race, Run } from './state.ts';

/** `clicked/2` -> the response it stands for. */
function refOf(key: string): ResponseRef {
	const slash = key.indexOf('/');
	if (slash < 0) return { response: key as ResponseKind };
	return { response: key.slice(0, slash) as ResponseKind, parameter: key.slice(slash + 1) };
}

/**
 * GRA-7, VER-4: the branches of a race's action in `plan` that what came back so far has started, each with the instant
 * from which its delay counts.
 */
function startedBranches(race: Race, plan: Plan): Map<PlanBranch, Instant> {
	const action = currentAction(plan, race);
	const started = new Map<PlanBranch, Instant>();
	const begin = (branch: PlanBranch, at: Instant) =>
		started.set(branch, Math.min(at, started.get(branch) ?? Infinity));
	for (const [key, at] of Object.entries(race.responses))
		for (const branch of branchesTaking(action, refOf(key))) begin(branch, at);
	if (race.openedAt !== null)
		for (const branch of action.branches) if (waitsForSilence(branch, race)) begin(branch, race.openedAt);
	return started;
}

/** GRA-11: the positive response loses a negative branch for good, also when it was taken back since (GRA-6). */
const wasLost = (from: Plan, race: Race, timers: object, branch: PlanBranch): boolean =>
	branch.negative &&
	race.openedAt !== null &&
	!Object.hasOwn(timers, branch.id) &&
	(findAction(from, race.actionId)?.branches.some((one) => one.id === branch.id) ?? false);

/** VER-4: whether a branch leads, through conditions, to anything but actions that this run has executed. */
function leadsSomewhereNew(plan: Plan, targetId: string | null, done: readonly string[]): boolean {
	if (targetId === null) return true;
	const node = getNode(plan, targetId);
	if (node.kind === 'condition')
		return [...node.cases, node.otherwise].some(({ target }) => leadsSomewhereNew(plan, target, done));
	return node.kind === 'exit' || !done.includes(node.id);
}

const texts = new WeakMap<object, string>();

/** What a branch's timer depends on. Branches of a plan never change, so each is written down once. */
function timingOf(branch: Pick<TimedBranch, 'delay'> & { when?: unknown }): string {
	let text = texts.get(branch);
	if (text === undefined) texts.set(branch, (text = canonicalJson([branch.when ?? null, branch.delay])));
	return text;
}

/** REE-4: whether a branch of `to` waits as long, and for the same, as the one of this id in `from`. */
export function sameTiming(from: Plan, to: Plan, actionId: string | null, { id }: { id: string }): boolean {
	const of = (plan: Plan) =>
		actionId === null ? plan.entry : findAction(plan, actionId)?.branches.find((branch) => branch.id === id);
	const [was, is] = [of(from), of(to)];
	return was !== undefined && is !== undefined && timingOf(was) === timingOf(is);
}

/** A branch that goes on: with the timer it has, or timed anew since what started it. */
type GoingOn = { branch: PlanBranch } & ({ keeps: true } | { keeps: false; startedAt: Instant });

/**
 * VER-4, REE-4: the branches of a run's race that go on in `to`. One that waits for the same, as long, keeps its timer;
 * the others count from what started them. GRA-6, GRA-11: what came when a branch was due already did not take it back,
 * so a timer may stand that nothing of what came explains any more.
 * @param race the run's race as it goes on: a message that left after all has opened it
 * @param timers the branches that were timed, in whatever form
 */
export function branchesGoingOn(run: Run, race: Race, timers: object, from: Plan, to: Plan): GoingOn[] {
	const started = startedBranches(race, to);
	return currentAction(to, race).branches.flatMap((branch): GoingOn[] => {
		if (!leadsSomewhereNew(to, branch.target, run.done)) return [];
		if (Object.hasOwn(timers, branch.id) && sameTiming(from, to, race.actionId, branch))
			return [{ branch, keeps: true }];
		const startedAt = started.get(branch);
		if (startedAt === undefined || wasLost(from, run.race!, timers, branch)) return [];
		return [{ branch, keeps: false, startedAt }];
	});
}
