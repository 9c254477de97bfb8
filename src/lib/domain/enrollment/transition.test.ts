import { describe, expect, test } from 'vitest';
import { action, branch, exit, hours, mail, next, world } from '../../../../tests/support/transitionWorld.ts';
import { transition } from './transition.ts';

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
		w.due(0);
		expect(w.run).toMatchObject({ status: 'completed', endReason: 'no_branch_left', done: ['a'] });
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

	test('EXE-3, ENR-9: a pause is no silence: the wait has left what it had, or begins at resume', () => {
		const nodes = [mail(branch('mail', { response: 'replied' }, 'next')), next];
		const waiting = () =>
			world(nodes, { settings: { endAfterDays: 2 } })
				.enroll()
				.due(0)
				.gets(0, 'mail', { response: 'sent' });
		expect(waiting().pause(12).resume(500).next).toEqual(['end/no_response', 536]);
		// Something came meanwhile.
		const opened = waiting().pause(12).gets(20, 'mail', { response: 'opened' });
		expect(opened.resume(500).next).toEqual(['end/no_response', 548]);
		// And so where the run was stopped while it was paused.
		const stopped = waiting().pause(12).gets(20, 'mail', { response: 'opened' }).unenroll(30, 'manual');
		const [resumed] = transition(
			stopped.run,
			{ kind: 'resumeStopped', to: stopped.at(0).plan, enrolledAt: 0, handedOverAt: null },
			stopped.at(500)
		);
		expect(resumed.next).toEqual({ branchId: 'end/no_response', dueAt: stopped.at(548).now });
	});

	test('ENR-9, EXE-3: what was received before or in a pause counts from then, whenever it is applied', () => {
		const answered = branch('mail', { response: 'replied' }, 'next', hours(30));
		const silent = () =>
			world([mail(answered), next], { settings: { endAfterDays: 2 } })
				.enroll()
				.due(0)
				.gets(0, 'mail', { response: 'sent' });
		const opened = silent().pause(12).gets(10, 'mail', { response: 'opened' }, { applied: 20 });
		expect(opened.resume(500).next).toEqual(['end/no_response', 546]);
		// As if it had been applied in time.
		const inTime = silent().gets(10, 'mail', { response: 'opened' }).pause(12);
		expect(inTime.resume(500).next).toEqual(opened.next);
		const replied = silent().pause(12).gets(10, 'mail', { response: 'replied' }, { applied: 20 });
		expect(replied.resume(500).next).toEqual([answered.id, 528]);
		// And where it is applied only after the pause.
		const late = silent().pause(12).resume(500).gets(10, 'mail', { response: 'replied' }, { applied: 501 });
		expect(late.next).toEqual([answered.id, 528]);
		const meanwhile = silent()
			.pause(12)
			.resume(500)
			.gets(20, 'mail', { response: 'replied' }, { applied: 501 });
		expect(meanwhile.next).toEqual([answered.id, 530]);
		const seen = silent().pause(12).resume(500).gets(20, 'mail', { response: 'opened' }, { applied: 501 });
		expect(seen.next).toEqual(['end/no_response', 548]);
		// What is received in the pause has its whole delay.
		expect(silent().pause(12).gets(20, 'mail', { response: 'replied' }).resume(500).next).toEqual([
			answered.id,
			530
		]);
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

	test('EXE-9: a reply is late when it came after what was due; it un-enrolls unless it is only recorded', () => {
		const nodes = [
			mail(branch('mail', { response: 'notReplied' }, 'next', hours(48))),
			action('task', 'next', [branch('next', { response: 'created' }, 'last', hours(9))]),
			action('task', 'last')
		];
		const run = (lateReply: 'unenroll' | 'record') =>
			world(nodes, { rules: { lateReply } }).enroll().due(0).gets(0, 'mail', { response: 'sent' });
		const outage = { applied: 60 };
		expect(run('unenroll').gets(50, 'mail', { response: 'replied' }, outage).end).toEqual([
			'stopped',
			'late_reply'
		]);
		const recorded = run('record').gets(50, 'mail', { response: 'replied' }, outage);
		// A reply says that the mail was opened, too (EXE-7).
		expect([recorded.next, recorded.effects]).toEqual([
			['mail/notReplied', 48],
			['responded', 'responded']
		]);
		const later = run('unenroll').due(48).gets(49, 'mail', { response: 'opened' });
		expect(later.end).toEqual(['active', null]);
		expect(later.gets(50, 'mail', { response: 'replied' }).end).toEqual(['stopped', 'late_reply']);
	});

	test('ENR-8: skipping forward decides the race: nothing else of the current action is timed any more', () => {
		const nodes = [
			action('task', 'a', [
				branch('a', { response: 'created' }, 'next', hours(2)),
				branch('a', { response: 'notCompleted' }, 'last', hours(5))
			]),
			action('task', 'next', [branch('next', { response: 'created' }, 'last', hours(9))]),
			action('task', 'last')
		];
		const w = world(nodes).enroll().due(0).skipTo(1, 'last');
		expect(w.next).toEqual(['skip/last', 1]);
		expect(Object.keys(w.run.race?.timed ?? {})).toEqual(['skip/last']);
		expect(w.pause(1).resume(4).next).toEqual(['skip/last', 4]);
		expect(w.due(4).end).toEqual(['completed', 'completed']);
		expect(w.run.done).toEqual(['a', 'last']);
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

	test('EXE-7: that a click implies an open is said also where it ends the run, is late or comes after the end', () => {
		const rules = {
			outcomes: [{ channel: 'email' as const, actionId: null, responses: [{ response: 'clicked' as const }] }]
		};
		const clicked = { response: 'clicked', parameter: '0' } as const;
		const plan = () => [mail(branch('mail', { response: 'sent' }, 'next', hours(20))), next];
		const sent = (w: ReturnType<typeof world>) => w.enroll().due(0).gets(0, 'mail', { response: 'sent' });
		const ended = sent(world(plan(), { rules })).gets(1, 'mail', clicked);
		expect([ended.end, ended.effects]).toEqual([
			['stopped', 'response_rule'],
			['responded', 'responded', 'ended']
		]);
		// The log keeps the first only: what the race has is not said again.
		const opened = sent(world(plan(), { rules })).gets(1, 'mail', { response: 'opened' });
		expect(opened.gets(2, 'mail', clicked).effects).toEqual(['responded', 'ended']);
		expect(sent(world(plan())).gets(21, 'mail', clicked).effects).toEqual(['responded', 'responded']);
		expect(sent(world(plan())).due(20).gets(21, 'mail', clicked).effects).toEqual(['responded', 'responded']);
		expect(sent(world(plan())).gets(1, 'mail', { ...clicked, machine: true }).effects).toEqual(['responded']);
	});

	test('UNE-1/EXE-7: a rule on an open, a delivery or a reading acts on a response that implies it', () => {
		const rulesOn = (channel: 'email' | 'whatsapp', response: string) => ({
			outcomes: [{ channel, actionId: null, responses: [{ response }] }]
		});
		const after = action('task', 'after', [branch('after', { response: 'created' }, 'next', hours(20))]);
		const sent = (kind: 'email' | 'whatsapp', on: string) =>
			world([action(kind, 'm', [branch('m', { response: 'sent' }, 'after', hours(20))]), after, next], {
				rules: rulesOn(kind, on)
			})
				.enroll()
				.due(0)
				.gets(0, 'm', { response: 'sent' });
		const ruled = ['stopped', 'response_rule'];
		expect(sent('email', 'opened').gets(1, 'm', { response: 'replied' }).end).toEqual(ruled);
		const clicked = { response: 'clicked', parameter: '0' } as const;
		expect(sent('email', 'opened').gets(1, 'm', { ...clicked, machine: true }).end).toEqual(['active', null]);
		const w = sent('email', 'opened').gets(1, 'm', clicked);
		expect([w.end, w.run.endDetail]).toEqual([ruled, 'opened']);
		expect(sent('email', 'replied').gets(1, 'm', clicked).end).toEqual(['active', null]);
		for (const [on, by] of [
			['read', 'replied'],
			['delivered', 'replied'],
			['delivered', 'read']
		] as const)
			expect(sent('whatsapp', on).gets(1, 'm', { response: by }).end).toEqual(ruled);
		expect(sent('whatsapp', 'read').gets(1, 'm', { response: 'delivered' }).end).toEqual(['active', null]);
		// Late ones too.
		const late = sent('email', 'opened').due(20).gets(21, 'm', clicked);
		expect(late.end).toEqual(ruled);
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
