import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { emptyDraft, type Draft } from '#lib/domain/cadence/draft.ts';
import { projectDraft, writeDraft } from './document.ts';
import { addAction } from './edits/addAction.ts';
import { addBranch } from './edits/addBranch.ts';
import { insertIntoBranch } from './edits/insertIntoBranch.ts';
import { addEntry, moveEntry, removeEntry, setEntry } from './edits/listEntries.ts';
import { moveNodes } from './edits/moveNodes.ts';
import { removeBranch } from './edits/removeBranch.ts';
import { removeNode } from './edits/removeNode.ts';
import { setDelay } from './edits/setDelay.ts';
import { setNodeField } from './edits/setNodeField.ts';
import { setSettings } from './edits/setSettings.ts';
import { setTarget } from './edits/setTarget.ts';

/** One person's next move; numbers choose among what is there at that moment. */
const moves = [
	'add',
	'branch',
	'insert',
	'remove',
	'rejoin',
	'unbranch',
	'retarget',
	'move',
	'text',
	'delay',
	'set',
	'addCase',
	'setCase',
	'moveCase',
	'removeCase'
];
const opArbitrary = fc.record({
	who: fc.nat(4),
	move: fc.constantFrom(...moves),
	a: fc.nat(50),
	b: fc.nat(50),
	c: fc.nat(5)
});
type Op = typeof opArbitrary extends fc.Arbitrary<infer T> ? T : never;
/** Which pairs of replicas meet after an edit, in what order and how often. */
const syncArbitrary = fc.array(fc.record({ from: fc.nat(4), to: fc.nat(4) }), { maxLength: 3 });

const responses = ['sent', 'opened', 'replied', 'clicked', 'created', 'else'];

function apply(doc: Y.Doc, { move, a, b, c }: Op): void {
	const { nodes, edges } = projectDraft(doc).draft;
	const ids = Object.keys(nodes).sort();
	const keys = Object.keys(edges).sort();
	const id = ids[a % ids.length]!;
	const other = ids[b % ids.length]!;
	const key = keys[a % (keys.length || 1)] ?? '';
	const response = responses[c % responses.length]!;
	const from = id === 'start' ? { source: id, response: 'entry' } : { source: id, response };
	const kind = (['email', 'task', 'condition', 'exit', 'tags'] as const)[b % 5]!;
	const asked = Object.values(nodes).filter((node) => node.kind === 'condition');
	const ask = asked[a % (asked.length || 1)];
	const one = ask?.cases[b % (ask.cases.length || 1)]?.id ?? 'none';
	try {
		switch (move) {
			case 'add':
				addAction(doc, { node: { kind, position: [a, b], title: `${a}` }, from });
				break;
			case 'branch':
				addBranch(doc, { from, target: other });
				break;
			case 'insert':
				insertIntoBranch(doc, { key, node: { kind: 'task', position: [a, b] }, onward: { response } });
				break;
			case 'remove':
			case 'rejoin':
				removeNode(doc, id, { rejoin: move === 'rejoin' });
				break;
			case 'unbranch':
				removeBranch(doc, key);
				break;
			case 'retarget':
				setTarget(doc, key, other);
				break;
			case 'move':
				moveNodes(doc, { [id]: [a, b] });
				break;
			case 'text':
				setNodeField(doc, id, 'title', `title ${a} by somebody ${b}`);
				break;
			case 'delay':
				setDelay(doc, key, { amount: b + 1, unit: 'hours' });
				break;
			case 'addCase':
				if (!ask) break;
				addBranch(doc, {
					from: {
						source: ask.id,
						response: 'case',
						parameter: addEntry(doc, ask.id, 'cases', { label: `${a}` }, c)
					},
					target: other
				});
				break;
			case 'setCase':
				if (ask) setEntry(doc, ask.id, 'cases', one, c % 2 ? { label: `${b}` } : { criteria: { all: [] } });
				break;
			case 'moveCase':
				if (ask) moveEntry(doc, ask.id, 'cases', one, c);
				break;
			case 'removeCase':
				if (ask) removeEntry(doc, ask.id, 'cases', one);
				break;
			case 'set':
				setSettings(doc, { endAfterDays: a + 1, unenroll: { leavesView: b % 2 === 0 } });
		}
	} catch (error) {
		// A refused edit is an answer; anything else is a fault.
		expect(error).toHaveProperty('code');
	}
}

function replicas(count: number): Y.Doc[] {
	const first = new Y.Doc();
	writeDraft(first, emptyDraft());
	const state = Y.encodeStateAsUpdate(first);
	return Array.from({ length: count }, () => {
		const doc = new Y.Doc();
		Y.applyUpdate(doc, state);
		return doc;
	});
}

const pull = (from: Y.Doc, to: Y.Doc) =>
	Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));

function meetAll(docs: Y.Doc[]): void {
	for (const from of docs) for (const to of docs) if (from !== to) pull(from, to);
	for (const from of docs) for (const to of docs) if (from !== to) pull(from, to);
}

/** Every replica reads the same draft, and so does a new one that starts from stored bytes. */
function expectSame(docs: Y.Doc[]): Draft {
	const [first, ...rest] = docs.map((doc) => JSON.stringify(sorted(projectDraft(doc))));
	for (const other of rest) expect(other).toBe(first);
	const reloaded = new Y.Doc();
	Y.applyUpdate(reloaded, Y.encodeStateAsUpdate(docs[0]!));
	expect(JSON.stringify(sorted(projectDraft(reloaded)))).toBe(first);
	return projectDraft(docs[0]!).draft;
}

const sorted = (value: unknown): unknown =>
	value && typeof value === 'object' && !Array.isArray(value)
		? Object.fromEntries(
				Object.entries(value)
					.sort(([x], [y]) => (x < y ? -1 : 1))
					.map(([key, inner]) => [key, sorted(inner)])
			)
		: value;

describe('merging', () => {
	test('Y2: five people, offline and out of order, end with one and the same draft', () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(opArbitrary, syncArbitrary), { minLength: 20, maxLength: 80 }),
				(steps) => {
					const docs = replicas(5);
					for (const [op, meetings] of steps) {
						apply(docs[op.who]!, op);
						for (const { from, to } of meetings) if (from !== to) pull(docs[from]!, docs[to]!);
					}
					meetAll(docs);
					expectSame(docs);
				}
			),
			{ numRuns: 40 }
		);
	}, 20_000);

	test('Y17: any two edits made at once merge to the same draft, in either order', () => {
		fc.assert(
			fc.property(
				fc.array(opArbitrary, { minLength: 3, maxLength: 10 }),
				opArbitrary,
				opArbitrary,
				(before, one, two) => {
					const [a, b, c] = replicas(3) as [Y.Doc, Y.Doc, Y.Doc];
					for (const op of before) apply(a, op);
					pull(a, b);
					apply(a, one);
					apply(b, two);
					pull(b, c);
					pull(a, c);
					meetAll([a, b, c]);
					const { edges } = expectSame([a, b, c]);
					// GRA-2: one branch per response by construction, whatever was merged.
					const used = Object.values(edges).map(
						(edge) => `${edge.source} ${edge.response} ${edge.parameter}`
					);
					expect(new Set(used).size).toBe(used.length);
				}
			),
			{ numRuns: 300 }
		);
	}, 20_000);

	test('Y17: the same branch added twice leaves one edge and a visible left-over node', () => {
		const [a, b] = replicas(2) as [Y.Doc, Y.Doc];
		const from = { source: 'start', response: 'entry' };
		const mine = addAction(a, { node: { kind: 'email', position: [0, 0], title: 'Mine' }, from });
		const theirs = addAction(b, { node: { kind: 'call', position: [0, 0], agenda: 'Theirs' }, from });
		meetAll([a, b]);
		const { nodes, edges } = expectSame([a, b]);
		expect(Object.keys(edges)).toEqual(['start/entry']);
		expect([mine.id, theirs.id]).toContain(edges['start/entry']!.target);
		expect(nodes[mine.id]).toMatchObject({ title: 'Mine' });
		expect(nodes[theirs.id]).toMatchObject({ agenda: 'Theirs' });
	});

	test('Y17: a cycle that arises from a merge stays readable, and both see it', () => {
		const [a, b] = replicas(2) as [Y.Doc, Y.Doc];
		const one = addAction(a, { node: { kind: 'email', position: [0, 0] } }).id;
		const two = addAction(a, { node: { kind: 'email', position: [0, 0] } }).id;
		meetAll([a, b]);
		addBranch(a, { from: { source: one, response: 'sent' }, target: two });
		addBranch(b, { from: { source: two, response: 'sent' }, target: one });
		meetAll([a, b]);
		const { edges } = expectSame([a, b]);
		expect(edges[`${one}/sent`]!.target).toBe(two);
		expect(edges[`${two}/sent`]!.target).toBe(one);
	});
});
