import { expect, test } from 'vitest';
import type { Delay } from '../time/delay.ts';
import { HOUR } from '../time/zone.ts';
import { action, branch, hours, mail, next, world } from '../../../../tests/support/transitionWorld.ts';
import { noResponseId } from './race.ts';
import type { Run } from './state.ts';
import { newRun, transition } from './transition.ts';

test('ENR-9, VER-4: a paused run that is moved keeps what was left of its wait for a response', () => {
	const nodes = [mail(branch('mail', { response: 'replied' }, 'next')), next];
	const w = world(nodes, { settings: { endAfterDays: 2 } })
		.enroll()
		.due(0);
	const { run } = w.gets(0, 'mail', { response: 'sent' }).pause(12);
	const { plan } = w.at(0);
	const to = { ...plan, nodes: { ...plan.nodes, new: action('task', 'new') } };
	const [moved] = transition(run, { kind: 'move', to, enrolledAt: 0 }, w.at(24));
	expect(run.frozen?.[noResponseId]).toBeDefined();
	expect(moved.frozen?.[noResponseId]).toEqual(run.frozen?.[noResponseId]);
});

test('GRA-11, VER-4, REE-4: what was due already when its answer came goes on after a move and after a stop', () => {
	const call = action('call', 'call', [branch('call', { response: 'notLogged' }, 'next')]);
	const w = world([call, next]).enroll().due(0);
	const { run } = w.gets(0, 'call', { response: 'result', parameter: 'Interested' });
	const on = { branchId: 'call/notLogged', dueAt: w.at(0).now };
	expect(run.next).toEqual(on);
	const to = structuredClone(w.at(0).plan);
	const [moved] = transition(run, { kind: 'move', to, enrolledAt: 0 }, w.at(0));
	expect(moved.next).toEqual(on);
	const [stopped] = transition(run, { kind: 'unenroll', reason: 'manual', detail: null }, w.at(0));
	const resume = { kind: 'resumeStopped', to, enrolledAt: 0, handedOverAt: null } as const;
	expect(transition(stopped, resume, w.at(0))[0]).toMatchObject({ status: 'active', next: on });
});

test('ENR-9, VER-4: a pause holds the clock of what a move times anew: the longer delay goes on at resume', () => {
	const nodes = (delay: Delay) => [mail(branch('mail', { response: 'sent' }, 'next', delay)), next];
	const plan = (delay: Delay) => world(nodes(delay)).at(0).plan;
	const w = world(nodes(hours(30)))
		.enroll()
		.due(0)
		.gets(0, 'mail', { response: 'sent' })
		.pause(10);
	const [moved] = transition(w.run, { kind: 'move', to: plan(hours(40)), enrolledAt: 0 }, w.at(90));
	const [resumed] = transition(
		moved,
		{ kind: 'resume', cause: 'person' },
		{ ...w.at(90), plan: plan(hours(40)) }
	);
	expect(resumed.next?.dueAt).toBe(w.at(120).now);
	// And the entry's, before the first action.
	const entry = (delay: Delay) => ({
		...plan(hours(1)),
		entry: { id: 'start/entry' as const, target: 'mail', delay }
	});
	const on = (hour: number, delay: Delay) => ({ ...w.at(hour), plan: entry(delay) });
	const enrolledAt = w.at(0).now;
	let [run] = transition(newRun(), { kind: 'enroll' }, on(0, hours(30)));
	[run] = transition(run, { kind: 'pause', cause: 'person' }, on(10, hours(30)));
	[run] = transition(run, { kind: 'move', to: entry(hours(40)), enrolledAt }, on(90, hours(30)));
	[run] = transition(run, { kind: 'resume', cause: 'person' }, on(90, hours(40)));
	expect(run.next?.dueAt).toBe(w.at(120).now);
});

const patient = (days: number | null) => {
	const nodes = [mail(branch('mail', { response: 'replied' }, 'next')), next];
	return world(nodes, { settings: { endAfterDays: days } })
		.enroll()
		.due(0);
};
const toDays = (w: ReturnType<typeof patient>, days: number | null, hour: number, run = w.run) => {
	const { plan } = w.at(0);
	const to = { ...plan, settings: { ...plan.settings, endAfterDays: days } };
	const context = { ...w.at(hour), plan: { ...plan, settings: { ...plan.settings } } };
	return transition(run, { kind: 'move', to, enrolledAt: 0 }, context)[0];
};
const endOf = (w: ReturnType<typeof patient>, run: Run) =>
	run.next && [run.next.branchId, (run.next.dueAt - w.at(0).now) / HOUR];

test('EXE-3, VER-4: a pause is no silence in the version a run is moved to, however long that one waits', () => {
	// Ten days in pause; of nine days four are left, of two none.
	const paused = () => patient(5).gets(0, 'mail', { response: 'sent' }).pause(24).resume(264);
	const w = paused();
	expect(w.next).toEqual([noResponseId, 360]);
	expect(endOf(w, toDays(w, 9, 270))).toEqual([noResponseId, 456]);
	expect(endOf(w, toDays(w, 2, 270))).toEqual([noResponseId, 288]);
	// And where it is moved during the pause.
	const during = patient(5).gets(0, 'mail', { response: 'sent' }).pause(24);
	const [resumed] = transition(
		toDays(during, 9, 100),
		{ kind: 'resume', cause: 'person' },
		{
			...during.at(264),
			plan: { ...during.at(0).plan, settings: { ...w.at(0).plan.settings, endAfterDays: 9 } }
		}
	);
	expect(endOf(during, resumed)).toEqual([noResponseId, 456]);
	// And from a version that waits for ever: its pause is not counted either.
	const ever = patient(null).gets(0, 'mail', { response: 'sent' }).pause(24).resume(264);
	expect(ever.next).toBeNull();
	expect(endOf(ever, toDays(ever, 9, 270))).toEqual([noResponseId, 480]);
	// And for one that was stopped in between.
	const stopped = paused().unenroll(270, 'manual');
	const { plan } = stopped.at(0);
	const to = { ...plan, settings: { ...plan.settings, endAfterDays: 9 } };
	const [again] = transition(
		stopped.run,
		{ kind: 'resumeStopped', to, enrolledAt: 0, handedOverAt: null },
		stopped.at(370)
	);
	expect(endOf(stopped, again)).toEqual([noResponseId, 556]);
});
