import { describe, expect, test } from 'vitest';
import { action, branch, exit, hours } from '../../../../tests/support/transitionWorld.ts';
import { emptyDraft } from '../cadence/draft.ts';
import { skipId } from '../enrollment/branches.ts';
import { immediately } from '../time/delay.ts';
import { compareForRuns, sumImpact, type Standing } from './impact.ts';
import type { Plan, PlanAction, PlanCondition, PlanNode } from './plan.ts';

const created = { response: 'created' } as const;
const overdue = { response: 'overdue' } as const;
const planOf = (nodes: PlanNode[], entry = immediately): Plan => ({
	format: 1,
	module: 'leads',
	entry: { id: 'start/entry', target: nodes[0]!.id, delay: entry },
	nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
	settings: emptyDraft().settings
});
const condition = (cases: Record<string, string | null>, otherwise: string | null): PlanCondition => ({
	kind: 'condition',
	id: 'if',
	followUp: 1,
	title: 'If',
	cases: Object.entries(cases).map(([id, target]) => ({
		id,
		label: id,
		criteria: { all: [] },
		target
	})),
	otherwise: { target: otherwise }
});
const changed = (node: PlanAction): PlanAction => ({ ...node, config: { subject: 'new' } }) as PlanAction;
const [a, b, c] = [
	action('task', 'a', [branch('a', created, 'if', hours(1)), branch('a', overdue, 'c', hours(2))]),
	action('task', 'b'),
	action('task', 'c')
];
const way = condition({ one: 'b' }, null);
const older = planOf([a, way, b, c, exit('out')]);
const at = (over: Partial<Standing> = {}): Standing => ({
	currentActionId: 'a',
	queued: false,
	branches: ['a/created'],
	...over
});

describe('VER-4: whom a new version touches', () => {
	test('VER-4: nothing changed, or only names and places: nobody', () => {
		const renamed = planOf([{ ...a, title: 'Other', followUp: 9 } as PlanAction, way, b, c, exit('out')]);
		const impact = compareForRuns(older, renamed);
		expect(impact(at())).toEqual({ kind: 'none' });
		expect(impact(at({ branches: [] }))).toEqual({ kind: 'waiting', canMove: true });
		expect(impact(at({ queued: true, branches: [] }))).toEqual({ kind: 'none' });
	});

	test('VER-4, GRA-10: the target of a timed branch, also behind a condition; a target that went; the branch itself', () => {
		const impact = compareForRuns(older, planOf([a, way, changed(b), c, exit('out')]));
		expect(impact(at())).toEqual({ kind: 'affected', actionId: 'b', canMove: true });
		expect(impact(at({ branches: ['a/overdue'] }))).toEqual({ kind: 'none' });
		const without = compareForRuns(older, planOf([a, way, b, exit('out')]));
		expect(without(at({ branches: ['a/created', 'a/overdue'] }))).toMatchObject({ actionId: 'c' });
		const slower = action('task', 'a', [
			branch('a', created, 'if', hours(5)),
			branch('a', overdue, 'c', hours(2))
		]);
		expect(compareForRuns(older, planOf([slower, way, b, c]))(at())).toMatchObject({ actionId: 'if' });
	});

	test('VER-4, GRA-10: a condition that decides otherwise is a change of the branch', () => {
		const other = condition({ one: 'c' }, null);
		expect(compareForRuns(older, planOf([a, other, b, c]))(at())).toEqual({
			kind: 'affected',
			actionId: 'if',
			canMove: true
		});
	});

	test('VER-4: a queued message whose action changed; an executed action that changed touches nobody', () => {
		const impact = compareForRuns(older, planOf([changed(a), way, b, c]));
		expect(impact(at({ queued: true, branches: [] }))).toEqual({
			kind: 'affected',
			actionId: 'a',
			canMove: true
		});
		expect(impact(at())).toEqual({ kind: 'none' });
	});

	test('VER-4: whose current action went cannot be moved; nor who was sent to one that went', () => {
		const without = compareForRuns(older, planOf([b, c]));
		expect(without(at({ branches: [] }))).toEqual({ kind: 'affected', actionId: 'a', canMove: false });
		const sent = at({ branches: [skipId('c')] });
		expect(compareForRuns(older, planOf([a, way, b]))(sent)).toEqual({
			kind: 'affected',
			actionId: 'c',
			canMove: false
		});
	});

	test('VER-4: before the first action the entry counts', () => {
		const before = at({ currentActionId: null, branches: ['start/entry'] });
		expect(compareForRuns(older, planOf([changed(a), way, b, c]))(before)).toMatchObject({ actionId: 'a' });
		expect(compareForRuns(older, planOf([a, way, b, c], hours(3)))(before)).toEqual({
			kind: 'affected',
			actionId: 'a',
			canMove: true
		});
	});

	test('VER-4: summed per action, who only waits apart', () => {
		expect(
			sumImpact([
				{ impact: { kind: 'affected', actionId: 'a', canMove: true }, count: 3 },
				{ impact: { kind: 'affected', actionId: 'a', canMove: false }, count: 2 },
				{ impact: { kind: 'waiting', canMove: true }, count: 7 },
				{ impact: { kind: 'waiting', canMove: false }, count: 1 },
				{ impact: { kind: 'none' }, count: 50 }
			])
		).toEqual({ actions: [{ actionId: 'a', count: 5, movable: 3 }], waiting: 8, waitingMovable: 7 });
	});
});
