import type { Plan, PlanAction, PlanBranch } from '../../src/lib/domain/plan/plan.ts';
import { targetsOf } from './conditions.ts';
import { keyOf, zoneOf, type Left, type Life, type ModelRun, type Race } from './life.ts';
import { placeOf } from './order.ts';
import { addOpen, allow, endOf, openBetween } from './time.ts';

export function actionIn(plan: Plan, id: string): PlanAction {
	const node = plan.nodes[id];
	if (!node || node.kind === 'exit' || node.kind === 'condition') throw new Error(`No action ${id}`);
	return node;
}
export const actionOf = (run: ModelRun, id: string): PlanAction => actionIn(run.plan, id);

export const isMessage = (
	action: PlanAction
): action is Extract<PlanAction, { kind: 'email' | 'whatsapp' }> =>
	action.kind === 'email' || action.kind === 'whatsapp';

/** GRA-6: what says that an action has happened. */
export const openingOf = (action: PlanAction): string => {
	if (isMessage(action)) return 'sent';
	return action.kind === 'task' || action.kind === 'call' ? 'created' : 'done';
};

const isNegative = (branch: PlanBranch) => branch.when[0]!.response.startsWith('not');

/** GRA-2: a branch that names the parameter comes before the general one. */
export function takers(action: PlanAction, kind: string, parameter?: string): PlanBranch[] {
	const naming = (wanted: string | undefined) =>
		action.branches.filter((branch) =>
			branch.when.some((one) => one.response === kind && one.parameter === wanted)
		);
	const exact = parameter === undefined ? [] : naming(parameter);
	return exact.length ? exact : naming(undefined);
}

/** GRA-11: what a negative branch waits not to come. */
export function positiveCame(race: Race, negative: string): boolean {
	const has = (kind: string) =>
		[...race.came.keys()].some((key) => key === kind || key.startsWith(`${kind}/`));
	switch (negative) {
		case 'notOpened':
			return has('opened');
		case 'notClicked':
			return has('clicked');
		case 'notReplied':
			return has('replied');
		case 'notLogged':
			return has('result');
		case 'notCompleted':
			return race.came.has('status/Completed');
		case 'notDelivered':
			return has('delivered');
		case 'notRead':
			return has('read');
		default:
			throw new Error(negative);
	}
}

/** ENR-9: what is left of a delay at an instant, in its own unit. */
export function leftAt(life: Life, due: number, { unit }: { unit: string }, at: number): Left {
	const business = unit === 'businessHours' || unit === 'businessDays';
	return { business, ms: business ? openBetween(at, due, life.office) : Math.max(0, due - at) };
}

export function thaw(life: Life, left: Left, delay: { amount: number; unit: string }, now: number): number {
	const zone = zoneOf(life);
	if (left === 'full') return endOf(now, delay, zone, life.office);
	const due = left.business ? addOpen(now, left.ms, life.office) : now + left.ms;
	return allow(due, delay, zone, life.office);
}

/** ENR-9: what came before or in a pause that is over waits as if it had been known at once. */
function dueOf(life: Life, { held }: Race, { delay }: PlanBranch, at: number): number {
	const since = (from: number) => endOf(from, delay, zoneOf(life), life.office);
	if (!held || at >= held.until) return since(at);
	if (at >= held.from) return since(held.until);
	return thaw(life, leftAt(life, since(at), delay, held.from), delay, held.until);
}

/** Starts a branch's delay once: at `at`, or wholly at resume (ENR-9). */
function time(life: Life, run: ModelRun, race: Race, branch: PlanBranch, at: number): void {
	if (run.frozen) {
		const { since, timers } = run.frozen;
		const due = () => dueOf(life, race, branch, at);
		if (!timers.has(branch.id))
			timers.set(branch.id, at < since ? leftAt(life, due(), branch.delay, since) : 'full');
	} else if (!race.timers.has(branch.id)) race.timers.set(branch.id, dueOf(life, race, branch, at));
}

/** A timer can be taken back until it is due. */
function untime(run: ModelRun, race: Race, branch: PlanBranch, at: number): void {
	if (run.frozen) run.frozen.timers.delete(branch.id);
	else if ((race.timers.get(branch.id) ?? -Infinity) > at) race.timers.delete(branch.id);
}

/** GRA-7: the race begins: `sent` / `created` and what waits for silence are timed at once. */
export function open(life: Life, run: ModelRun, race: Race, at: number): void {
	const action = actionOf(run, race.actionId);
	race.openedAt = at;
	if (!race.came.has(openingOf(action))) race.came.set(openingOf(action), at);
	for (const branch of takers(action, openingOf(action))) time(life, run, race, branch, at);
	for (const branch of action.branches)
		if (isNegative(branch) && !positiveCame(race, branch.when[0]!.response))
			time(life, run, race, branch, at);
	leaveSilence(run, race);
}

/** EXE-3, ENR-9: what the wait for a response had left when it was paused; null: it begins at resume. */
function leaveSilence(run: ModelRun, race: Race): void {
	const { frozen } = run;
	if (!frozen) return;
	const ends = silenceOf(run, { ...race, noEndBefore: 0 });
	const runs = ends !== null && !frozen.timers.size && lastHeard(race) < frozen.since;
	frozen.silence = runs ? Math.max(ends - frozen.since, frozen.silence ?? 0) : null;
}

/** GRA-6, GRA-7: a response of the current action. */
export function take(
	life: Life,
	run: ModelRun,
	race: Race,
	response: { kind: string; parameter?: string | undefined },
	at: number
): void {
	const action = actionOf(run, race.actionId);
	const key = keyOf(response);
	const isValue = response.kind === 'result' || response.kind === 'status';
	if (race.came.has(key) && !isValue) return;
	const taking = takers(action, response.kind, response.parameter);
	if (isValue && !race.came.has(key)) {
		for (const known of [...race.came.keys()])
			if (known.startsWith(`${response.kind}/`)) race.came.delete(known);
		for (const branch of action.branches)
			if (branch.when.every((one) => one.response === response.kind) && !taking.includes(branch))
				untime(run, race, branch, at);
	}
	if (!race.came.has(key)) race.came.set(key, at);
	for (const branch of taking) time(life, run, race, branch, at);
	for (const branch of action.branches)
		if (isNegative(branch) && positiveCame(race, branch.when[0]!.response)) untime(run, race, branch, at);
	leaveSilence(run, race);
}

/** A message that the relay refused: nothing but the refusal's own branches can follow. */
const refused = (race: Race): boolean =>
	race.openedAt === null && [...race.came.keys()].some((key) => /^(bounced|failed)/.test(key));

export const waitsForHandOver = (race: Race): boolean => race.openedAt === null && !refused(race);

/** EXE-3: whether anything can still happen by itself or by an answer. */
export function hasFuture(run: ModelRun, race: Race): boolean {
	const timed = run.frozen ? run.frozen.timers : race.timers;
	if (timed.size) return true;
	// Nobody can answer what was not sent or does not exist any more.
	if (race.skipped || race.openedAt === null || race.came.has('cancelled')) return false;
	const action = actionOf(run, race.actionId);
	if (openingOf(action) === 'done') return false;
	const finished = [...race.came.keys()].some(
		(key) => key.startsWith('result/') || key === 'status/Completed'
	);
	return action.branches.some((branch) =>
		branch.when.some(({ response }) => {
			if (response === openingOf(action) || response.startsWith('not')) return false;
			return !(finished && (response === 'overdue' || response === 'cancelled'));
		})
	);
}

export type Next = { branchId: string; due: number; target: string | null };

/** What comes next by itself, and when. */
export function nextOf(run: ModelRun): Next | null {
	if (run.status !== 'active') return null;
	const { race, plan } = run;
	if (run.sentTo !== null) return { branchId: `skip/${run.sentTo}`, due: run.sentDue, target: run.sentTo };
	if (!race)
		return run.entryDue === null
			? null
			: { branchId: plan.entry.id, due: run.entryDue, target: plan.entry.target };
	if (waitsForHandOver(race)) return null;
	const action = actionOf(run, race.actionId);
	const [first] = action.branches
		.filter((branch) => race.timers.has(branch.id))
		.sort((a, b) => {
			const place = (one: PlanBranch) => placeOf(one, plan.nodes[one.target]!.kind);
			return race.timers.get(a.id)! - race.timers.get(b.id)! || place(a) - place(b) || (a.id < b.id ? -1 : 1);
		});
	if (first) return { branchId: first.id, due: race.timers.get(first.id)!, target: first.target };
	const silence = silenceOf(run, race);
	return silence === null ? null : { branchId: 'end/no_response', due: silence, target: null };
}

/** ENR-8: what comes after the current action and was not run yet. */
export function actionsAhead(run: ModelRun): string[] {
	const { plan, race } = run;
	const next = (id: string) => targetsOf(plan.nodes[id]!);
	const ahead = new Set<string>();
	const visit = (id: string) => {
		if (ahead.has(id)) return;
		ahead.add(id);
		next(id).forEach(visit);
	};
	for (const id of race ? next(race.actionId) : [plan.entry.target]) visit(id);
	return [...ahead].filter((id) => 'branches' in plan.nodes[id]! && !run.done.includes(id)).toSorted();
}

/** EXE-3 [+]: the whole wait for a response. */
export const silenceDays = ({ settings }: Plan): number => (settings.endAfterDays ?? 0) * 24 * 3_600_000;

/** When a run heard something last. */
export function lastHeard({ openedAt, came, held }: Race): number {
	const at = Math.max(openedAt ?? 0, ...came.values());
	if (!held || at >= held.until) return at;
	return Math.min(held.until, at + held.until - held.from);
}

/** EXE-3 [+]: N days after the last response. */
function silenceOf(run: ModelRun, race: Race): number | null {
	if (run.plan.settings.endAfterDays === null || race.openedAt === null) return null;
	return Math.max(lastHeard(race) + silenceDays(run.plan), race.noEndBefore);
}
