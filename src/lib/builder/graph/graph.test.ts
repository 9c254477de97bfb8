import { expect, test } from 'vitest';
import { draftSchema, type Draft, type NodeKind } from '#lib/domain/cadence/draft.ts';
import { followUpNumbers } from '#lib/domain/plan/graph.ts';
import { bandsOf } from './bands.ts';
import { findSpot } from './findSpot.ts';
import { responseChoices } from './freeResponses.ts';
import { layoutDraft } from './layoutDraft.ts';
import { rowsOf } from './rows.ts';
import { closesCycle } from './closesCycle.ts';
import { joinableFrom } from './joinable.ts';
import { nodeSize, rowHeight } from './nodeSize.ts';
import { walk } from './walk.ts';

/** `draw({ a: 'email' }, 'start>a', 'a opened>b')`; nodes stand where `at` puts them. */
function draw(kinds: Record<string, NodeKind>, ...branches: string[]): Draft {
	const nodes: Record<string, unknown> = { start: { id: 'start', kind: 'start', position: [0, 0] } };
	Object.entries(kinds).forEach(([id, kind], index) => {
		nodes[id] = { id, kind, position: [index * 300, 0] };
	});
	const edges: Record<string, unknown> = {};
	for (const branch of branches) {
		const [from = '', target] = branch.split('>');
		const [source = '', response = 'entry'] = from.split(' ');
		edges[`${source}/${response}`] = { source, response, target, delay: { amount: 1, unit: 'days' } };
	}
	return draftSchema.parse({ nodes, edges });
}

/** A diamond with one long side: a -> b -> d and a -> d. */
const diamond = () =>
	draw(
		{ a: 'email', b: 'call', c: 'task', d: 'email', x: 'exit' },
		'start>a',
		'a opened>b',
		'a sent>d',
		'a replied>c',
		'b created>d',
		'c created>x'
	);

test('GRA-4: a follow-up number is the longest path from the start', () => {
	expect(Object.fromEntries(followUpNumbers(diamond()))).toEqual({ a: 1, b: 2, c: 2, d: 3, x: 3 });
});

test('GRA-4: a node that nothing reaches has no number', () => {
	expect(followUpNumbers(draw({ a: 'email', lost: 'call' }, 'start>a')).has('lost')).toBe(false);
});

test('GRA-3: a cycle made by a merge is still numbered and laid out', () => {
	const draft = draw({ a: 'email', b: 'call' }, 'start>a', 'a sent>b', 'b created>a');
	expect(layoutDraft(draft).size).toBe(3);
});

test('COL-4: a sub-tree that nothing leads to keeps its form beside the cadence; single steps stand in a column', () => {
	const draft = draw(
		{
			a: 'email',
			b: 'call',
			c: 'task',
			d: 'task',
			e: 'email',
			one: 'call',
			two: 'call',
			u: 'task',
			v: 'task'
		},
		'start>a',
		'b Busy>c',
		'b created>d',
		'c created>e',
		'd created>e',
		'u created>v',
		'v created>u'
	);
	draft.nodes['d']!.position = [1400, 0];
	const at = layoutDraft(draft);
	const [row, left] = [(id: string) => at.get(id)![1], (id: string) => at.get(id)![0]];
	expect([row('b'), row('c'), row('d'), row('e')]).toEqual([1, 2, 2, 3].map((n) => n * rowHeight));
	expect(left('d') - left('c')).toBeGreaterThanOrEqual(nodeSize.task.width);
	expect(left('b')).toBe((left('c') + left('d')) / 2);
	const column = ['one', 'two', 'u', 'v'].map(left);
	expect(new Set(column).size).toBe(1);
	expect(left('a') + nodeSize.email.width).toBeLessThan(column[0]!);
	expect(column[0]! + nodeSize.call.width).toBeLessThan(left('c'));
	for (const [id, position] of at) draft.nodes[id]!.position = position;
	expect(layoutDraft(draft)).toEqual(at);
});

test('GRA-3: an edit that would close a cycle is seen before it is made', () => {
	expect(closesCycle(diamond(), 'd', 'a')).toBe(true);
	expect(closesCycle(diamond(), 'c', 'd')).toBe(false);
	expect(closesCycle(diamond(), 'a', 'a')).toBe(true);
	const offered = (...from: [string, string?]) => joinableFrom(diamond(), ...from).map(({ id }) => id);
	expect(offered('b')).toEqual(['c', 'd', 'x']);
	expect(offered('c')).toEqual(['b', 'd', 'x']);
	expect(offered('d')).toEqual(['c', 'x']);
	// What a merge made a cycle of can still be seen, and led elsewhere.
	expect(offered('d', 'a')).toEqual(['a', 'c', 'x']);
});

test('COL-4: auto-layout puts every node on its row and none on another', () => {
	const draft = diamond();
	const positions = layoutDraft(draft);
	const numbers = followUpNumbers(draft);
	const boxes = Object.values(draft.nodes).map((node) => {
		const [x, y] = positions.get(node.id) ?? [NaN, NaN];
		return { id: node.id, x, y, ...nodeSize[node.kind] };
	});
	for (const one of boxes) {
		expect(one.y).toBe((numbers.get(one.id) ?? 0) * rowHeight);
		for (const other of boxes)
			if (one.id < other.id)
				expect(
					one.x + one.width <= other.x ||
						other.x + other.width <= one.x ||
						one.y + one.height <= other.y ||
						other.y + other.height <= one.y,
					`${one.id} lies on ${other.id}`
				).toBe(true);
	}
});

test('COL-4: auto-layout is stable: laying out twice moves nothing', () => {
	const draft = diamond();
	const once = layoutDraft(draft);
	for (const [id, position] of once) {
		const node = draft.nodes[id];
		if (node) node.position = position;
	}
	expect(layoutDraft(draft)).toEqual(once);
});

test('COL-4: 500 actions are laid out in under 100 ms', () => {
	const kinds: Record<string, NodeKind> = {};
	const branches = ['start>n0'];
	for (let index = 0; index < 500; index++) {
		kinds[`n${index}`] = 'email';
		if (index) branches.push(`n${Math.floor((index - 1) / 2)} ${index % 2 ? 'sent' : 'opened'}>n${index}`);
	}
	const draft = draw(kinds, ...branches);
	// The best of a few: other work on the machine is not ours.
	const times = Array.from({ length: 5 }, () => {
		const before = performance.now();
		expect(layoutDraft(draft).size).toBe(501);
		return performance.now() - before;
	});
	expect(Math.min(...times)).toBeLessThan(100);
});

test('GRA-4: bands are numbered and count actions, not exits', () => {
	const draft = diamond();
	for (const [id, position] of layoutDraft(draft)) {
		const node = draft.nodes[id];
		if (node) node.position = position;
	}
	expect(bandsOf(draft, followUpNumbers(draft)).map(({ n, actions }) => [n, actions])).toEqual([
		[1, 1],
		[2, 2],
		[3, 1]
	]);
});

test('COL-4: arrow keys walk the tree', () => {
	const draft = diamond();
	for (const [id, position] of layoutDraft(draft)) {
		const node = draft.nodes[id];
		if (node) node.position = position;
	}
	expect(walk(draft, null, 'down')).toBe('start');
	expect(walk(draft, 'start', 'down')).toBe('a');
	expect(walk(draft, 'd', 'up')).toBe('b');
	expect(walk(draft, 'b', 'right')).toBe('c');
	expect(walk(draft, 'c', 'right')).toBeNull();
	expect(walk(draft, 'x', 'down')).toBeNull();
});

test('GRA-2: a used response is disabled in the picker, also when a branch lists it as a further one', () => {
	const draft = draw({ a: 'email', b: 'call' }, 'start>a', 'a opened>b');
	draft.edges['a/opened']?.also.push({ response: 'replied' });
	const names = { callResults: ['Busy'], templates: [], whatsappTemplates: [] };
	const used = responseChoices(draft, 'a', names).filter(({ usedBy }) => usedBy !== null);
	expect(used.map(({ ref }) => ref.response)).toEqual(['opened', 'replied']);
	expect(responseChoices(draft, 'b', names).map(({ ref }) => ref.parameter ?? ref.response)).toContain(
		'Busy'
	);
	expect(responseChoices(draft, 'start', names)).toEqual([]);
});

test('a new node never lands on another', () => {
	const draft = draw({ a: 'email', b: 'call' }, 'start>a');
	const b = draft.nodes['b'];
	if (b) b.position = [0, rowHeight];
	const [x, y] = findSpot(draft, 'a', 'task');
	expect(y).toBe(rowHeight);
	expect(x).toBeGreaterThanOrEqual(264);
});

test('GRA-10: conditions stand between the follow-ups and make no band', () => {
	const draft = draw(
		{ a: 'email', c: 'condition', d: 'condition', b: 'task', e: 'tags', x: 'exit' },
		'start>a',
		'a sent>c',
		'a replied>b',
		'c else>d',
		'd else>e',
		'b created>x'
	);
	expect(Object.fromEntries(rowsOf(draft))).toEqual({ start: 0, a: 1, c: 2, d: 3, b: 4, e: 4, x: 5 });
	for (const [id, position] of layoutDraft(draft)) {
		const node = draft.nodes[id];
		if (node) node.position = position;
	}
	expect(draft.nodes['d']!.position[1]).toBe(3 * rowHeight);
	expect(bandsOf(draft, followUpNumbers(draft)).map(({ n, top, actions }) => [n, top, actions])).toEqual([
		[1, rowHeight, 1],
		[2, 4 * rowHeight, 2]
	]);
	expect(walk(draft, 'a', 'down')).not.toBeNull();
	expect(walk(draft, 'c', 'right')).toBeNull();
	expect(walk(draft, 'b', 'left') ?? walk(draft, 'b', 'right')).toBe('e');
});

test('GRA-10: conditions right after the start, and in a circle that a merge made, are laid out', () => {
	const first = draw({ c: 'condition', a: 'task' }, 'start>c', 'c else>a');
	expect(Object.fromEntries(rowsOf(first))).toEqual({ start: 0, c: 1, a: 2 });
	const circle = draw({ c: 'condition', d: 'condition' }, 'start>c', 'c else>d', 'd else>c');
	expect(layoutDraft(circle).size).toBe(3);
});

test('GRA-6: one link, one button, hard and soft can be chosen beside the whole response', () => {
	const id = '00000000-0000-7000-8000-000000000001';
	const draft = draw({ a: 'email', w: 'whatsapp', c: 'condition' }, 'start>a', 'a clicked>w');
	Object.assign(draft.nodes['a']!, { templateId: id });
	Object.assign(draft.nodes['w']!, { templateId: id });
	Object.assign(draft.nodes['c']!, {
		cases: [
			{ id: 'x', label: 'X', criteria: null },
			{ id: 'y', label: '', criteria: null }
		]
	});
	const names = {
		callResults: [],
		templates: [
			{
				id,
				name: 'T',
				moduleId: null,
				hasUnsubscribeLink: true,
				problems: [],
				links: ['https://a.example', 'b']
			}
		],
		whatsappTemplates: [
			{ id, name: 'W', language: 'en', status: 'APPROVED', variables: [], buttons: ['Yes', 'No'] }
		]
	};
	const specific = (node: string) =>
		responseChoices(draft, node, names)
			.filter((choice) => choice.specific)
			.map(({ ref, usedBy }) => [ref.response, ref.parameter, usedBy]);
	expect(specific('a')).toEqual([
		['clicked', '0', null],
		['clicked', '1', null],
		['bounced', 'hard', null],
		['bounced', 'soft', null]
	]);
	expect(specific('w')).toEqual([
		['replied', 'Yes', null],
		['replied', 'No', null]
	]);
	expect(
		responseChoices(draft, 'c', names).map(({ ref, specific: one }) => [ref.response, ref.parameter, one])
	).toEqual([
		['case', 'x', false],
		['case', 'y', false],
		['else', undefined, false]
	]);
});
