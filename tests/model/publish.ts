import type { Plan, PlanAction, PlanBranch, PlanCondition } from '../../src/lib/domain/plan/plan.ts';
import type { Delay } from '../../src/lib/domain/time/delay.ts';
import { targetsOf } from './conditions.ts';
import { end, makeAnew, settle } from './interpreter.ts';
import { isLive, logEvent, zoneOf, type Left, type Life, type ModelRun, type Race } from './life.ts';
import { numberBranches, numberFollowUps, viewSource } from './plans.ts';
import { leftAt, positiveCame, silenceDays, takers, waitsForHandOver } from './race.ts';
import { allow, endOf } from './time.ts';

/** What somebody changes on the canvas before publishing. */
export type Edit = {
	what: 'delay' | 'target' | 'config' | 'condition' | 'remove' | 'entry' | 'lateReply' | 'endAfter';
	n: number;
	delay: Delay;
};
export type Decision = 'stop' | 'move' | 'keep';
export type Publication = { plan: Plan; decide: Decision; moveWaiting: boolean };

const isAction = (node: Plan['nodes'][string] | undefined): node is PlanAction =>
	node !== undefined && node.kind !== 'exit' && node.kind !== 'condition';
const actionsOf = (plan: Plan) => Object.values(plan.nodes).filter(isAction);

/** The edited plan; null when the edit finds nothing to change. */
export function editPlan(plan: Plan, { what, n, delay }: Edit): Plan | null {
	const copy = structuredClone(plan);
	const actions = actionsOf(copy);
	const branches = actions.flatMap((action) => action.branches.map((branch) => ({ action, branch })));
	const chosen = branches[n % Math.max(1, branches.length)];
	const action = actions[n % actions.length]!;
	switch (what) {
		case 'entry':
			copy.entry.delay = delay;
			break;
		case 'lateReply':
			copy.settings.lateReply = copy.settings.lateReply === 'record' ? 'unenroll' : 'record';
			break;
		case 'endAfter':
			copy.settings.endAfterDays = [null, 2, 5, 10][n % 4]!;
			break;
		case 'delay':
			if (!chosen || (chosen.branch.negative && delay.unit === 'immediately')) return null;
			chosen.branch.delay = delay;
			break;
		case 'target': {
			if (!chosen) return null;
			const ids = Object.keys(copy.nodes);
			const later = ids.slice(ids.indexOf(chosen.action.id) + 1);
			chosen.branch.target = later[n % later.length]!;
			break;
		}
		case 'config':
			if (action.kind === 'task') action.config.priority = action.config.priority === 'High' ? 'Low' : 'High';
			else if (action.kind === 'call') action.config.agenda += '.';
			else if (action.kind === 'email') action.config.replyTo = `reply-${n}@a.example`;
			else if (action.kind === 'webhook') action.config.url += '?';
			else return null;
			break;
		case 'condition': {
			const conditions = Object.values(copy.nodes).filter((node) => node.kind === 'condition');
			const condition = conditions[n % Math.max(1, conditions.length)];
			if (!condition) return null;
			const ids = Object.keys(copy.nodes);
			const later = ids.slice(ids.indexOf(condition.id) + 1);
			if (n % 3 === 0) condition.otherwise.target = later[n % later.length]!;
			else if (n % 3 === 1) condition.cases.reverse();
			else condition.cases.pop();
			break;
		}
		case 'remove':
			if (action.id === copy.entry.target || actions.length === 1) return null;
			delete copy.nodes[action.id];
			for (const one of actionsOf(copy))
				one.branches = one.branches.filter(({ target }) => target !== action.id);
			for (const node of Object.values(copy.nodes))
				if (node.kind === 'condition')
					for (const one of [...node.cases, node.otherwise]) if (one.target === action.id) one.target = null;
	}
	numberBranches(copy.nodes);
	numberFollowUps(Object.values(copy.nodes));
	return JSON.stringify(copy) === JSON.stringify(plan) ? null : copy;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const waitOf = (branch: { when?: unknown; delay: Delay }) => [branch.when, branch.delay];
/** Whether it waits for the same, as long. */
export const sameWait = (was: { when?: unknown; delay: Delay }, is: { when?: unknown; delay: Delay }) =>
	same(waitOf(was), waitOf(is));

/** VER-3, VER-4, VER-5. */
export function publish(life: Life, { plan, decide, moveWaiting }: Publication, now: number): void {
	life.plan = plan;
	if (life.cadence === 'active') life.leftOut = life.facts.source === viewSource;
	const { run } = life;
	if (!isLive(run)) return;
	const impact = impactOn(run, plan);
	if (impact === 'none') return;
	const movable = canStandIn(run, plan);
	if (impact === 'waiting') {
		if (moveWaiting && movable) move(life, run, plan, now);
	} else if (decide === 'move' && movable) move(life, run, plan, now);
	else if (decide !== 'keep') end(life, run, 'follow_up_edited', now);
}

/** The action where it stands, or where it was sent, is still there. */
export const canStandIn = ({ race, sentTo }: ModelRun, plan: Plan): boolean =>
	(!race || isAction(plan.nodes[race.actionId])) && (sentTo === null || isAction(plan.nodes[sentTo]));

const decisionsOf = ({ cases, otherwise }: PlanCondition) => [
	cases.map(({ criteria, target }) => [criteria, target]),
	otherwise.target
];

function impactOn(run: ModelRun, plan: Plan): 'none' | 'waiting' | 'affected' {
	const { race } = run;
	// GRA-10: what lies behind a condition is part of the branch that leads to it.
	const changed = (id: string): boolean => {
		const [was, is] = [run.plan.nodes[id]!, plan.nodes[id]];
		if (!is) return true;
		if (was.kind === 'condition' && is.kind === 'condition')
			return !same(decisionsOf(was), decisionsOf(is)) || targetsOf(was).some(changed);
		return isAction(was) && isAction(is) && !same(was.config, is.config);
	};
	if (race && !plan.nodes[race.actionId]) return 'affected';
	// Until its hand-over is known to the run, its message counts as queued.
	const queued = race !== null && run.sentTo === null && waitsForHandOver(race);
	if (queued && changed(race!.actionId)) return 'affected';
	if (run.sentTo !== null) return changed(run.sentTo) ? 'affected' : 'none';
	if (!race) return !same(run.plan.entry, plan.entry) || changed(plan.entry.target) ? 'affected' : 'none';
	const timed = timedBranches(run, race);
	const action = plan.nodes[race.actionId] as PlanAction;
	const touched = timed.some((branch) => {
		const is = action.branches.find((one) => one.id === branch.id);
		return !is || !same([waitOf(branch), branch.target], [waitOf(is), is.target]) || changed(branch.target);
	});
	if (touched) return 'affected';
	return timed.length || queued ? 'none' : 'waiting';
}

function timedBranches(run: ModelRun, race: Race): PlanBranch[] {
	const timers: ReadonlyMap<string, unknown> = run.frozen ? run.frozen.timers : race.timers;
	return (run.plan.nodes[race.actionId] as PlanAction).branches.filter(({ id }) => timers.has(id));
}

/** VER-4: goes on from this point; what came back reopens the race with its own times. */
function move(life: Life, run: ModelRun, plan: Plan, now: number): void {
	const older = run.plan;
	const { race, frozen } = run;
	run.plan = plan;
	logEvent(life, run.no, 'moved', now, { action: race?.actionId ?? '-' });
	if (run.sentTo !== null) return;
	if (race && waitsForHandOver(race)) makeAnew(life, run);
	const longer = silenceDays(plan) - silenceDays(older);
	if (race) race.noEndBefore += longer;
	if (frozen && frozen.silence !== null) frozen.silence += longer;
	const zone = zoneOf(life);
	// ENR-9: a pause holds the clock.
	const clock = frozen?.since ?? now;
	const dueSince = (at: number, delay: Delay) =>
		allow(Math.max(clock, endOf(at, delay, zone, life.office)), delay, zone, life.office);
	if (!race) {
		if (same(older.entry.delay, plan.entry.delay)) return;
		const due = dueSince(run.enrolledAt, plan.entry.delay);
		if (frozen) frozen.entry = leftAt(life, due, plan.entry.delay, clock);
		else run.entryDue = due;
		return;
	}
	const before = (older.nodes[race.actionId] as PlanAction).branches;
	const timers = new Map<string, number>();
	const left = new Map<string, Left>();
	for (const { branch, at } of startedIn(plan.nodes[race.actionId] as PlanAction, race)) {
		if (!leadsToNew(plan, branch.target, run.done)) continue;
		const was = before.find(({ id }) => id === branch.id);
		const kept = frozen ? frozen.timers.get(branch.id) : race.timers.get(branch.id);
		// GRA-11: lost for good.
		if (branch.negative && was && kept === undefined) continue;
		const unchanged = was && sameWait(was, branch);
		if (kept !== undefined && (unchanged || kept === 'full')) {
			if (typeof kept === 'number') timers.set(branch.id, kept);
			else left.set(branch.id, kept);
		} else if (frozen) left.set(branch.id, leftAt(life, dueSince(at, branch.delay), branch.delay, clock));
		else timers.set(branch.id, dueSince(at, branch.delay));
	}
	race.timers = timers;
	if (frozen) frozen.timers = left;
	settle(life, run, now);
}

/** VER-4: anything but what this run has executed, on some way through conditions. */
export function leadsToNew(plan: Plan, id: string | null, done: readonly string[]): boolean {
	if (id === null) return true;
	const node = plan.nodes[id]!;
	if (node.kind !== 'condition') return !done.includes(id);
	return [...node.cases, node.otherwise].some(({ target }) => leadsToNew(plan, target, done));
}

/** Which branches of an action what came so far has started, and when. */
export function startedIn(action: PlanAction, race: Race): { branch: PlanBranch; at: number }[] {
	const started = new Map<PlanBranch, number>();
	const begin = (branch: PlanBranch, at: number) =>
		started.set(branch, Math.min(at, started.get(branch) ?? Infinity));
	for (const [key, at] of race.came) {
		const [kind, ...parameter] = key.split('/');
		for (const branch of takers(action, kind!, parameter.length ? parameter.join('/') : undefined))
			begin(branch, at);
	}
	if (race.openedAt !== null)
		for (const branch of action.branches)
			if (branch.negative && !positiveCame(race, branch.when[0]!.response)) begin(branch, race.openedAt);
	return [...started].map(([branch, at]) => ({ branch, at }));
}
