import { describe, expect, test } from 'vitest';
import type { DraftSettings } from '../cadence/draft.ts';
import { emptyDraft } from '../cadence/draft.ts';
import { branchKey, type ResponseRef } from '../cadence/responses.ts';
import type { Plan, PlanAction, PlanBranch, PlanExit } from '../plan/plan.ts';
import { defaultBusinessHours } from '../time/calendar.ts';
import { immediately, type Delay } from '../time/delay.ts';
import { HOUR } from '../time/zone.ts';
import type { Effect, LiveRules, RunEvent, TransitionContext } from './runEvent.ts';
import type { EndReason, Run } from './state.ts';
import { newRun, transition } from './transition.ts';

const branch = (
	from: string,
	when: ResponseRef,
	target: string,
	delay: Delay = immediately,
	rank = 5
): PlanBranch => ({
	id: branchKey(from, when),
	when: [when],
	delay,
	target,
	negative: when.response.startsWith('not'),
	rank
});
const hours = (amount: number): Delay => ({ amount, unit: 'hours' });
const action = (kind: PlanAction['kind'], id: string, branches: PlanBranch[] = []) =>
	({ kind, id, followUp: 1, title: id, config: {}, branches }) as unknown as PlanAction;
const exit = (id: string, goal = false): PlanExit => ({
	kind: 'exit',
	id,
	followUp: 2,
	reason: 'Done',
	goal
});

const start = Date.UTC(2026, 2, 2, 9);

/** A run with its clock: what a test does to it, in hours after the start. */
function world(
	nodes: (PlanAction | PlanExit)[],
	more: { settings?: Partial<DraftSettings>; rules?: Partial<LiveRules> } = {}
) {
	const plan: Plan = {
		format: 1,
		module: 'leads',
		entry: { id: 'start/entry', target: nodes[0]!.id, delay: immediately },
		nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
		settings: { ...emptyDraft().settings, ...more.settings }
	};
	let run: Run = newRun();
	let effects: Effect[] = [];
	const at = (hour: number): TransitionContext => ({
		now: start + hour * HOUR,
		plan,
		rules: { lateReply: 'unenroll', outcomes: [], ...more.rules },
		calendar: { orgTimeZone: 'UTC', businessHours: defaultBusinessHours, holidays: new Set() },
		timeZone: 'UTC'
	});
	const apply = (hour: number, event: RunEvent) => {
		[run, effects] = transition(run, event, at(hour));
		return api;
	};
	const api = {
		enroll: () => apply(0, { kind: 'enroll' }),
		due: (hour: number) => apply(hour, { kind: 'due', verdict: { do: 'execute' } }),
		skip: (hour: number) => apply(hour, { kind: 'due', verdict: { do: 'skip', reason: 'opt_out' } }),
		fail: (hour: number, reason: EndReason) =>
			apply(hour, { kind: 'due', verdict: { do: 'fail', reason, detail: null } }),
		/** Received at `hour`; applied at `applied`, after an outage. */
		gets: (
			hour: number,
			actionId: string,
			ref: ResponseRef & { machine?: boolean },
			options: { applied?: number; failure?: EndReason } = {}
		) =>
			apply(options.applied ?? hour, {
				kind: 'response',
				response: { ...ref, actionId, at: start + hour * HOUR },
				...(options.failure && { failure: { reason: options.failure, text: null } })
			}),
		unenroll: (hour: number, reason: EndReason) => apply(hour, { kind: 'unenroll', reason, detail: null }),
		pause: (hour: number, cause: 'person' | 'cadence_inactive' = 'person') =>
			apply(hour, { kind: 'pause', cause }),
		resume: (hour: number, cause: 'person' | 'cadence_inactive' = 'person') =>
			apply(hour, { kind: 'resume', cause }),
		restart: (hour: number) => apply(hour, { kind: 'restart' }),
		get run() {
			return run;
		},
		/** [branch, hours after the start] of what comes next. */
		get next() {
			return run.next && [run.next.branchId, (run.next.dueAt - start) / HOUR];
		},
		get effects() {
			return effects.map((effect) => effect.kind);
		},
		get end() {
			return [run.status, run.endReason];
		}
	};
	return api;
}

const mail = (...branches: PlanBranch[]) => action('email', 'mail', branches);
const next = action('task', 'next');

describe('the race', () => {
	test('GRA-7: sent is timed at the hand-over, others when their response arrives; the earliest due wins', () => {
		const w = world([
			mail(
				branch('mail', { response: 'sent' }, 'next', hours(72)),
				branch('mail', { response: 'replied' }, 'out')
			),
			next,
			exit('out')
		])
			.enroll()
			.due(0);
		expect([w.effects, w.next]).toEqual([['execute'], null]);
		expect(w.gets(1, 'mail', { response: 'sent' }).next).toEqual(['mail/sent', 73]);
		expect(w.gets(25, 'mail', { response: 'replied' }).next).toEqual(['mail/replied', 25]);
		expect(w.due(25).end).toEqual(['stopped', 'exit']);
	});

	test('GRA-7: after an outage the earliest due still wins, and what came after it is late', () => {
		const nodes = [
			mail(
				branch('mail', { response: 'sent' }, 'next', hours(1)),
				branch('mail', { response: 'opened' }, 'out')
			),
			next,
			exit('out')
		];
		const w = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' });
		w.gets(2, 'mail', { response: 'opened' }, { applied: 10 });
		expect(w.next).toEqual(['mail/sent', 1]);
		expect(w.due(10).run.race?.actionId).toBe('next');
	});

	test('GRA-7: equal due: the lower rank, then the branch id', () => {
		const w = world([
			mail(
				branch('mail', { response: 'opened' }, 'next', immediately, 6),
				branch('mail', { response: 'clicked' }, 'out', immediately, 4)
			),
			next,
			exit('out')
		])
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' })
			.gets(1, 'mail', { response: 'opened' })
			.gets(1, 'mail', { response: 'clicked', parameter: '0' });
		expect(w.next).toEqual(['mail/clicked', 1]);
	});

	test('GRA-2: a parameterised response precedes the general one', () => {
		const w = world([
			mail(
				branch('mail', { response: 'clicked', parameter: '1' }, 'next', hours(5)),
				branch('mail', { response: 'clicked' }, 'out', hours(1))
			),
			next,
			exit('out')
		])
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' });
		expect(w.gets(1, 'mail', { response: 'clicked', parameter: '1' }).next).toEqual(['mail/clicked/1', 6]);
		expect(w.gets(2, 'mail', { response: 'clicked', parameter: '0' }).next).toEqual(['mail/clicked', 3]);
	});

	test('GRA-6: only the current value is timed; a correction before it is due replaces it', () => {
		const call = action('call', 'call', [
			branch('call', { response: 'result', parameter: 'Busy' }, 'next', hours(4)),
			branch('call', { response: 'result', parameter: 'Interested' }, 'out', hours(2))
		]);
		const w = world([call, next, exit('out')])
			.enroll()
			.due(0);
		expect(w.next).toBeNull();
		expect(w.gets(1, 'call', { response: 'result', parameter: 'Busy' }).next).toEqual([
			branchKey('call', { response: 'result', parameter: 'Busy' }),
			5
		]);
		expect(w.gets(3, 'call', { response: 'result', parameter: 'Interested' }).next?.[1]).toBe(5);
		expect(Object.keys(w.run.race!.timed)).toEqual(['call/result/Interested']);
		// No response: nothing is timed any more, yet a correction can still come.
		expect(w.gets(4, 'call', { response: 'result', parameter: 'No response' }).next).toBeNull();
		expect(w.run.status).toBe('active');
	});

	test('GRA-11: a positive response before it is due loses the negative branch for good', () => {
		const nodes = [
			mail(
				branch('mail', { response: 'notReplied' }, 'next', hours(48)),
				branch('mail', { response: 'replied' }, 'out', hours(100))
			),
			next,
			exit('out')
		];
		const w = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' });
		expect(w.next).toEqual(['mail/notReplied', 48]);
		expect(w.gets(10, 'mail', { response: 'replied' }).next).toEqual(['mail/replied', 110]);
		const late = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' });
		late.gets(50, 'mail', { response: 'replied' }, { applied: 60 });
		// EXE-9: the negative was due before: the reply is late and un-enrolls by the cadence's default.
		expect(late.end).toEqual(['stopped', 'late_reply']);
	});

	test('GRA-11: "not completed" is lost by completion alone', () => {
		const todo = action('task', 'todo', [branch('todo', { response: 'notCompleted' }, 'next', hours(24))]);
		const w = world([todo, next]).enroll().due(0);
		expect(w.gets(1, 'todo', { response: 'status', parameter: 'In progress' }).next).toEqual([
			'todo/notCompleted',
			24
		]);
		expect(w.gets(2, 'todo', { response: 'status', parameter: 'Completed' }).end).toEqual([
			'completed',
			'no_branch_left'
		]);
	});

	test('EXE-7: a machine open is recorded, fires nothing and cancels nothing; a human click implies an open', () => {
		const w = world([
			mail(
				branch('mail', { response: 'opened' }, 'out'),
				branch('mail', { response: 'notOpened' }, 'next', hours(24))
			),
			next,
			exit('out')
		])
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' })
			.gets(1, 'mail', { response: 'opened', machine: true });
		expect([w.effects, w.next]).toEqual([['responded'], ['mail/notOpened', 24]]);
		w.gets(2, 'mail', { response: 'clicked', parameter: '0' });
		expect([w.effects, w.next]).toEqual([
			['responded', 'responded'],
			['mail/opened', 2]
		]);
	});
});

describe('execution', () => {
	test('EXE-1: a branch executes once: the second look finds nothing due', () => {
		const w = world([
			action('task', 'a', [branch('a', { response: 'created' }, 'next', hours(1))]),
			next
		]).enroll();
		expect(w.due(0).effects).toEqual(['execute']);
		expect(w.due(0).effects).toEqual([]);
		expect(w.due(0.9).effects).toEqual([]);
		expect(w.due(1).effects).toEqual(['execute', 'ended']);
	});

	test('EXE-1: an action that a run had already is never executed again', () => {
		const loop = action('task', 'a', [branch('a', { response: 'created' }, 'a')]);
		const w = world([loop]).enroll().due(0);
		expect(() => w.due(0)).toThrow(/executed in this run before/);
	});

	test('EXE-3: an action without branches completes the run, executed or skipped; an e-mail at its hand-over', () => {
		expect(world([next]).enroll().due(0).end).toEqual(['completed', 'completed']);
		const w = world([mail()]).enroll().due(0);
		expect(w.end).toEqual(['active', null]);
		expect(w.gets(1, 'mail', { response: 'sent' }).end).toEqual(['completed', 'completed']);
		expect(world([mail()]).enroll().skip(0).end).toEqual(['completed', 'completed']);
	});

	test('EXE-3: a run ends when no branch is or can become timed', () => {
		const w = world([mail(branch('mail', { response: 'replied' }, 'next')), next])
			.enroll()
			.skip(0);
		expect(w.end).toEqual(['completed', 'no_branch_left']);
		const call = action('call', 'call', [branch('call', { response: 'overdue' }, 'next')]);
		const c = world([call, next]).enroll().due(0);
		expect(c.end).toEqual(['active', null]);
		expect(c.gets(1, 'call', { response: 'result', parameter: 'Busy' }).end).toEqual([
			'completed',
			'no_branch_left'
		]);
	});

	test('EXE-3: "end after N days without response" ends a run that only waits', () => {
		const w = world([mail(branch('mail', { response: 'replied' }, 'next')), next], {
			settings: { endAfterDays: 2 }
		})
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' });
		expect(w.next).toEqual(['end/no_response', 48]);
		expect(w.due(48).end).toEqual(['stopped', 'no_response']);
	});

	test('EXE-4: a failing action fails the run; nothing moves it any more', () => {
		const w = world([mail(branch('mail', { response: 'sent' }, 'next')), next])
			.enroll()
			.fail(0, 'missing_address');
		expect([w.effects, w.end]).toEqual([
			['refuse', 'ended'],
			['failed', 'missing_address']
		]);
		const before = w.run;
		expect(w.due(5).gets(6, 'mail', { response: 'sent' }).pause(7).run).toBe(before);
	});

	test('EXE-5: a skipped e-mail opens the race as if sent, without a message', () => {
		const w = world([
			mail(
				branch('mail', { response: 'sent' }, 'next', hours(2)),
				branch('mail', { response: 'notOpened' }, 'next', hours(1)),
				branch('mail', { response: 'opened' }, 'next')
			),
			next
		])
			.enroll()
			.skip(0);
		expect([w.effects, w.next]).toEqual([['skip'], ['mail/notOpened', 1]]);
	});

	test('EXE-9: late responses are recorded and move nothing', () => {
		const w = world(
			[
				mail(branch('mail', { response: 'sent' }, 'todo')),
				action('task', 'todo', [branch('todo', { response: 'created' }, 'next', hours(9))]),
				next
			],
			{ rules: { lateReply: 'record' } }
		)
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' })
			.due(0);
		const before = w.run;
		for (const response of ['opened', 'replied', 'unsubscribed'] as const) w.gets(1, 'mail', { response });
		expect([w.run, w.effects]).toEqual([before, ['responded']]);
	});

	test('EXE-11: a hard bounce takes its branch, else the run fails; for an older action it is late', () => {
		const taken = world([mail(branch('mail', { response: 'bounced' }, 'next')), next])
			.enroll()
			.due(0);
		taken.gets(1, 'mail', { response: 'bounced', parameter: 'hard' });
		expect([taken.next, taken.effects]).toEqual([
			['mail/bounced', 1],
			['responded', 'handOverFailed']
		]);
		const failed = world([mail(branch('mail', { response: 'sent' }, 'next')), next])
			.enroll()
			.due(0);
		expect(failed.gets(1, 'mail', { response: 'bounced', parameter: 'hard' }).end).toEqual([
			'failed',
			'address_bounced'
		]);
		const older = world([
			mail(branch('mail', { response: 'sent' }, 'todo')),
			action('task', 'todo', [branch('todo', { response: 'created' }, 'next', hours(9))]),
			next
		])
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' })
			.due(0)
			.gets(1, 'mail', { response: 'bounced', parameter: 'hard' });
		expect(older.run.status).toBe('active');
	});
});

describe('endings and pauses', () => {
	const chain = [action('task', 'a', [branch('a', { response: 'created' }, 'next', hours(10))]), next];

	test('UNE-5: un-enrolled at the instant a follow-up is due: the follow-up does not run', () => {
		const w = world(chain).enroll().due(0).unenroll(10, 'criteria');
		expect(w.end).toEqual(['stopped', 'criteria']);
		expect([w.due(10).effects, w.run.done]).toEqual([[], ['a']]);
	});

	test('UNE-1 (d): an outcome rule of any action ends the run, late ones too', () => {
		const rules = {
			outcomes: [
				{ channel: 'call' as const, actionId: null, responses: [{ response: 'result', parameter: 'Busy' }] }
			]
		};
		const call = action('call', 'call', [branch('call', { response: 'created' }, 'todo')]);
		const todo = action('task', 'todo', [branch('todo', { response: 'created' }, 'next', hours(9))]);
		const w = world([call, todo, next], { rules }).enroll().due(0).due(0);
		expect(w.gets(1, 'call', { response: 'result', parameter: 'Interested' }).run.status).toBe('active');
		expect(w.gets(2, 'call', { response: 'result', parameter: 'Busy' }).end).toEqual([
			'stopped',
			'response_rule'
		]);
	});

	test('ENR-7: several pause causes hold; active again when none is left', () => {
		const w = world(chain).enroll().due(0).pause(1).pause(2, 'cadence_inactive');
		expect([w.run.status, w.run.pauseCauses]).toEqual(['paused', ['person', 'cadence_inactive']]);
		expect(w.resume(3).run.status).toBe('paused');
		expect(w.resume(4, 'cadence_inactive').run.status).toBe('active');
		expect(w.next).toEqual(['a/created', 13]);
	});

	test('ENR-9: business delays keep their remaining business time', () => {
		const slow = action('task', 'a', [
			branch('a', { response: 'created' }, 'next', { amount: 4, unit: 'businessHours' })
		]);
		// Monday 09:00; at 11:00 two business hours are left; resumed at 20:00 they end on Tuesday at 11:00.
		const w = world([slow, next]).enroll().due(0).pause(2).resume(11);
		expect(w.next).toEqual(['a/created', 26]);
	});

	test('ENR-9: what comes during a pause starts its full delay at resume; un-enrollment acts at once', () => {
		const nodes = [
			mail(
				branch('mail', { response: 'replied' }, 'out', hours(3)),
				branch('mail', { response: 'notReplied' }, 'next', hours(24))
			),
			next,
			exit('out')
		];
		const w = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' }).pause(4);
		expect(w.gets(10, 'mail', { response: 'replied' }).next).toBeNull();
		expect(w.resume(20).next).toEqual(['mail/replied', 23]);
		const gone = world(nodes).enroll().due(0).pause(1).unenroll(2, 'manual');
		expect(gone.end).toEqual(['stopped', 'manual']);
	});

	test('REE-1: a restart is a new run from the start; a live run is left alone', () => {
		const w = world(chain).enroll().due(0);
		expect(w.restart(1).run.runNo).toBe(1);
		w.unenroll(2, 'manual').restart(3);
		expect(w.run).toMatchObject({ runNo: 2, status: 'active', done: [], race: null, endReason: null });
		expect(w.due(3).effects).toEqual(['execute']);
	});

	test('GRA-1: an exit marked as goal completes the run', () => {
		expect(
			world([exit('out', true)])
				.enroll()
				.due(0).end
		).toEqual(['completed', 'exit_goal']);
	});
});
