import { expect, test } from 'vitest';
import { draftNodeSchema, emptyDraft, type Draft } from '#lib/domain/cadence/draft.ts';
import { nextHit, searchCanvas } from './searchCanvas.ts';

function draftOf(...nodes: Record<string, unknown>[]): Draft {
	const draft = emptyDraft();
	for (const node of nodes) {
		const parsed = draftNodeSchema.parse(node);
		draft.nodes[parsed.id] = parsed;
	}
	return draft;
}
const draft = draftOf(
	{
		id: 'b',
		kind: 'task',
		position: [0, 200],
		subject: 'Prepare the visit',
		description: 'Bring a contract'
	},
	{ id: 'a', kind: 'email', position: [0, 100], title: 'First contact', notes: 'Legal must see it' },
	{ id: 'c', kind: 'call', position: [9, 200], subject: 'Ring', agenda: 'x'.repeat(60) + 'Budget\nthen more' }
);
const note = {
	id: 'n',
	position: [0, 0],
	size: [200, 140],
	color: 'yellow',
	text: 'Ask LEGAL first'
} as const;
const look = (query: string) =>
	searchCanvas(
		draft,
		[{ ...note, position: [0, 0], size: [200, 140] }],
		(node) => ({
			title: node.title || node.kind,
			what: '',
			kind: node.kind === 'start' ? 'Audience' : node.kind
		}),
		query
	);

test('COL-4: the search finds names, subjects, notes, kinds and sticky notes, from top to bottom', () => {
	expect(look('contra')).toEqual([{ id: 'b', title: 'task', excerpt: 'Bring a contract' }]);
	expect(look('  FIRST contact ')).toEqual([{ id: 'a', title: 'First contact', excerpt: '' }]);
	expect(look('legal').map(({ id }) => id)).toEqual(['n', 'a']);
	expect(look('audience').map(({ id }) => id)).toEqual(['start']);
	expect(look('budget')[0]?.excerpt).toBe(`…${'x'.repeat(24)}Budget then more`);
	expect(look('nowhere')).toEqual([]);
	expect(look(' ')).toEqual([]);
});

test('COL-4: Enter walks on from the hit that is shown, and round', () => {
	expect([0, 1, 2].map((at) => nextHit(at, 1, 3))).toEqual([1, 2, 0]);
	expect([0, 1, 2].map((at) => nextHit(at, -1, 3))).toEqual([2, 0, 1]);
	expect(nextHit(0, 1, 1)).toBe(0);
	expect(nextHit(0, 1, 0)).toBe(0);
});
