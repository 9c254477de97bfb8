import { expect, test } from 'vitest';
import { action, branch, mail, next, world } from '../../../../tests/support/transitionWorld.ts';
import { defaultBusinessHours } from '../time/calendar.ts';
import { noResponseId } from './race.ts';
import { transition } from './transition.ts';

test('ENR-9, VER-4: a paused run that is moved keeps what was left of its wait for a response', () => {
	const nodes = [mail(branch('mail', { response: 'replied' }, 'next')), next];
	const w = world(nodes, { settings: { endAfterDays: 2 } })
		.enroll()
		.due(0);
	const { run } = w.gets(0, 'mail', { response: 'sent' }).pause(12);
	const settings = { endAfterDays: 2 };
	const plan = {
		format: 1 as const,
		module: 'leads',
		entry: { id: 'start/entry' as const, target: 'mail', delay: { amount: 1, unit: 'immediately' as const } },
		nodes: Object.fromEntries([...nodes, action('task', 'new')].map((node) => [node.id, node])),
		settings: settings as never
	};
	const [moved] = transition(
		run,
		{ kind: 'move', to: plan, enrolledAt: 0 },
		{
			now: Date.UTC(2026, 2, 3),
			plan,
			rules: { lateReply: 'unenroll', outcomes: [] },
			calendar: { orgTimeZone: 'UTC', businessHours: defaultBusinessHours, holidays: new Set() },
			timeZone: 'UTC'
		}
	);
	expect(run.frozen?.[noResponseId]).toBeDefined();
	expect(moved.frozen?.[noResponseId]).toEqual(run.frozen?.[noResponseId]);
});
