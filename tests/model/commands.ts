import type { Command, Facts } from './journeys.ts';
import { comingBack, viewSource } from './plans.ts';
import { endEverywhere } from './elsewhere.ts';
import { enroll, end, restart } from './interpreter.ts';
import { canResume, pause, resume, resumeStopped, skipTo } from './standing.ts';
import { editPlan, publish, type Publication } from './publish.ts';
import { actionsAhead } from './race.ts';
import { isLive, type Life, type ModelActivity } from './life.ts';
import { free, hold } from './post.ts';

type Gone = 'remove' | 'convert' | 'merge';

/** A command with everything filled in that depends on where the run stands: what product and model both do. */
export type Deed =
	| { do: 'pauseUntil'; ms: number }
	| { do: Gone | 'restore' }
	| { do: 'pause' | 'resume' | 'resumeStopped' | 'unenroll' | 'deactivate' }
	| { do: 'enroll' | 'restart'; startAt: string | null }
	| { do: 'skip'; actionId: string }
	| ({ do: 'publish' } & Publication)
	| { do: 'activate'; halted: 'stop' | 'continue' }
	| { do: 'facts'; facts: Facts }
	| { do: 'delete'; runNo: number; actionId: string }
	| {
			do: 'respond';
			runNo: number;
			actionId: string;
			channel: string;
			kind: string;
			parameter?: string | undefined;
			machine: boolean;
	  };

/** null: the command means nothing where the run stands. */
export function resolve(life: Life, command: Command): Deed | null {
	const { run } = life;
	// Of what lies in the recycle bin people can only say what became of it.
	const isHidden = life.gone === 'deleted' || life.gone === 'merged';
	if (isHidden && !['restore', 'convert', 'merge', 'respond', 'nothing'].includes(command.do)) return null;
	switch (command.do) {
		case 'nothing':
			return null;
		case 'enroll':
			return life.enrollment === 'manual' && life.cadence === 'active'
				? { do: 'enroll', startAt: startOf(life, command.startAt) }
				: null;
		case 'remove':
		case 'convert':
		case 'merge':
			return command;
		case 'restore':
			return life.gone === 'deleted' ? command : null;
		case 'pause':
		case 'pauseUntil':
			return isLive(run) && !run.pausedBy.has('person') ? command : null;
		case 'resume':
			if (run?.pausedBy.has('person')) return command;
			// What came back is worked on within seconds; here nobody resumes before.
			return run && !isLive(run) && !life.inbox.length ? { do: 'resumeStopped' } : null;
		case 'unenroll':
			return isLive(run) ? command : null;
		case 'restart':
			return run ? { do: 'restart', startAt: startOf(life, command.startAt) } : null;
		case 'skip': {
			const ahead = isLive(run) ? actionsAhead(run) : [];
			return ahead.length ? { do: 'skip', actionId: ahead[command.action % ahead.length]! } : null;
		}
		case 'publish': {
			const { decide, moveWaiting } = command;
			const plan = editPlan(life.plan, command.edit);
			return plan ? { do: 'publish', plan, decide, moveWaiting } : null;
		}
		case 'deactivate':
			return life.cadence === 'active' ? command : null;
		case 'activate':
			return life.cadence === 'inactive' ? command : null;
		case 'status':
			return { do: 'facts', facts: { ...life.facts, status: command.value } };
		case 'source':
			return { do: 'facts', facts: { ...life.facts, source: command.value } };
		case 'details':
			return { do: 'facts', facts: { ...life.facts, ...command.value } };
		case 'optOut':
			return {
				do: 'facts',
				facts: { ...life.facts, optOut: { ...life.facts.optOut, [command.channel]: command.value } }
			};
		case 'address':
			return { do: 'facts', facts: { ...life.facts, [command.field]: command.value } };
		case 'delete':
			return resolveDelete(life, command.action);
		case 'respond':
			return resolveResponse(life, command);
	}
}

/** What the product must refuse with a sentence, and nothing has changed then. */
export function refuses(life: Life, deed: Deed): boolean {
	const isHidden = life.gone === 'deleted' || life.gone === 'merged';
	if (deed.do === 'resumeStopped') return !canResume(life);
	if (deed.do === 'convert') return life.gone !== null || !isWellFormed(life);
	return deed.do === 'merge' && isHidden;
}

/** UNE-7, CRM-5: what its runs end with. */
export const goneAs = (deed: Gone) =>
	deed === 'remove' ? 'record_deleted' : deed === 'convert' ? 'converted' : 'merged';

/** What could not be typed in cannot become a contact. */
const isWellFormed = ({ facts }: Life) => facts.email !== 'nobody@nowhere' && facts.phone !== '12';

const startOf = ({ plan }: Life, n: number | null): string | null => {
	const actions = Object.values(plan.nodes).filter((node) => 'branches' in node);
	return n === null ? null : actions[n % actions.length]!.id;
};

const activityOf = (life: Life, at: { runNo: number; actionId: string }) =>
	life.activities.find((one) => one.runNo === at.runNo && one.actionId === at.actionId);

function resolveDelete(life: Life, n: number): Deed | null {
	const there = life.activities.filter((one) => one.state === 'open' || one.state === 'done');
	const activity = there.at(-1 - (n % Math.max(1, there.length)));
	return activity ? { do: 'delete', runNo: activity.runNo, actionId: activity.actionId } : null;
}

function resolveResponse(life: Life, command: Extract<Command, { do: 'respond' }>): Deed | null {
	const reached = life.reached[Math.min(command.action, life.reached.length - 1)];
	if (!reached) return null;
	const activity = activityOf(life, reached);
	const message = life.messages.find(
		(one) => one.runNo === reached.runNo && one.actionId === reached.actionId
	);
	const channel = activity?.kind ?? message!.channel;
	if (channel === 'webhook') return null;
	const menu = comingBack[channel];
	const { response: kind, parameter } = menu[command.response % menu.length]!;
	if (message && message.status !== 'sent' && message.status !== 'unknown') return null;
	if (activity && !takesAnswer(activity, kind, parameter)) return null;
	const machine = command.machine && (kind === 'opened' || kind === 'clicked');
	return { do: 'respond', ...reached, channel, kind, parameter, machine };
}

/** What the pages let a person do with a task or call. */
function takesAnswer(activity: ModelActivity, kind: string, parameter: string | undefined): boolean {
	if (activity.state === 'withdrawn' || activity.state === 'deleted') return false;
	if (kind === 'overdue' || kind === 'cancelled') return activity.state === 'open';
	return activity.value !== parameter && activity.value !== 'cancelled';
}

/** The model's side of a deed. */
export function perform(life: Life, deed: Deed, now: number): void {
	const { run } = life;
	if (refuses(life, deed)) return;
	switch (deed.do) {
		case 'enroll':
			return enroll(life, 'manual', now, deed.startAt);
		case 'pause':
			pause(life, 'person', now);
			run!.pausedUntil = null;
			return hold(life, 'paused');
		case 'pauseUntil':
			pause(life, 'person', now);
			run!.pausedUntil = now + deed.ms;
			return hold(life, 'paused');
		case 'remove':
		case 'convert':
		case 'merge':
			life.converted ||= deed.do === 'convert';
			life.gone = deed.do === 'remove' ? 'deleted' : deed.do === 'convert' ? 'converted' : 'merged';
			life.changed = true;
			return endEverywhere(life, goneAs(deed.do), now);
		case 'restore':
			life.gone = life.converted ? 'converted' : null;
			life.changed = true;
			return;
		case 'resume':
			resume(life, 'person', now);
			return free(life, now);
		case 'unenroll':
			return end(life, life.run!, 'manual', now);
		case 'restart':
			return restart(life, now, deed.startAt);
		case 'publish':
			return publish(life, deed, now);
		case 'resumeStopped':
			return resumeStopped(life, now);
		case 'skip':
			return skipTo(life, life.run!, deed.actionId, now);
		case 'deactivate':
			life.cadence = 'inactive';
			pause(life, 'cadence_inactive', now);
			return hold(life, 'cadence_inactive');
		case 'activate':
			return activate(life, deed.halted, now);
		case 'facts':
			life.facts = deed.facts;
			life.changed = true;
			return;
		case 'delete':
			activityOf(life, deed)!.state = 'deleted';
			life.inbox.push({
				runNo: deed.runNo,
				actionId: deed.actionId,
				kind: 'failed',
				at: now,
				reason: 'activity_deleted'
			});
			return;
		case 'respond':
			return respond(life, deed, now);
	}
}

/** ENR-8: a pause until a date ends by itself. */
export function endPause(life: Life, now: number): void {
	if (!isPauseOver(life, now)) return;
	resume(life, 'person', now);
	free(life, now);
}

export const isPauseOver = ({ run }: Life, now: number): boolean =>
	run?.status === 'paused' && run.pausedUntil !== null && run.pausedUntil <= now;

/** DEA-2. */
function activate(life: Life, halted: 'stop' | 'continue', now: number): void {
	life.cadence = 'active';
	life.leftOut = life.facts.source === viewSource;
	if (halted === 'continue') {
		resume(life, 'cadence_inactive', now);
		free(life, now);
	} else if (life.run?.pausedBy.has('cadence_inactive')) end(life, life.run, 'deactivated', now);
}

function respond(life: Life, deed: Extract<Deed, { do: 'respond' }>, now: number): void {
	const { runNo, actionId, kind, parameter, machine } = deed;
	const activity = activityOf(life, deed);
	if (activity) {
		if (kind === 'status' || kind === 'result') activity.value = parameter!;
		if (kind === 'cancelled') activity.value = 'cancelled';
		if (finishes(kind, parameter)) activity.state = 'done';
		else if (kind === 'status') activity.state = 'open';
	}
	const block = blocks(deed);
	if (block && life.suppressed.get('email') !== 'unsubscribed') life.suppressed.set('email', block);
	life.inbox.push({ runNo, actionId, kind, parameter, at: now, machine });
}

export const finishes = (kind: string, parameter: string | undefined): boolean =>
	kind === 'result' || kind === 'cancelled' || (kind === 'status' && parameter === 'Completed');

/** CHA-2, EXE-11: what keeps later mail from the address. */
export const blocks = (deed: Extract<Deed, { do: 'respond' }>): 'bounced' | 'unsubscribed' | null =>
	deed.channel !== 'email'
		? null
		: deed.kind === 'unsubscribed'
			? 'unsubscribed'
			: deed.kind === 'bounced' && deed.parameter === 'hard'
				? 'bounced'
				: null;
