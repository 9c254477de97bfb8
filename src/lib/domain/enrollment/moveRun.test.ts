import { expect, test } from 'vitest';
import { action, branch, mail, next, world } from '../../../../tests/support/transitionWorld.ts';
import { noResponseId } from './race.ts';
import { transition } from './transition.ts';

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
