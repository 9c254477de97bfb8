import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { emptyDraft, type Draft, type DraftNodeOf } from '#lib/domain/cadence/draft.ts';
import { copyNodes } from '../clip.ts';
import { projectDraft, writeDraft } from '../document.ts';
import { nodesOf } from '../layout.ts';
import { listKey, parseListKey } from '../lists.ts';
import { createUndoManager } from '../undo.ts';
import { addAction } from './addAction.ts';
import { addBranch } from './addBranch.ts';
import { addEntry, moveEntry, removeEntry, setEntry } from './listEntries.ts';
import { paste } from './paste.ts';
import { setAlso } from './setAlso.ts';
import { setNodeField } from './setNodeField.ts';

const criteria = (value: number) => ({ field: 'score', op: 'gte' as const, value });
const draftOf = (doc: Y.Doc): Draft => projectDraft(doc).draft;
const casesOf = (doc: Y.Doc, id: string) => (draftOf(doc).nodes[id] as DraftNodeOf<'condition'>).cases;
const labelsOf = (doc: Y.Doc, id: string) => casesOf(doc, id).map(({ label }) => label);

/** A condition with cases A, B and C, each with a branch to one task. */
function asked() {
	const doc = new Y.Doc();
	writeDraft(doc, emptyDraft());
	const ask = addAction(doc, { node: { kind: 'condition', position: [0, 0] } }).id;
	const target = addAction(doc, { node: { kind: 'task', position: [0, 200] } }).id;
	const [a, b, c] = ['A', 'B', 'C'].map((label) => addEntry(doc, ask, 'cases', { label })) as [
		string,
		string,
		string
	];
	for (const parameter of [a, b, c])
		addBranch(doc, { from: { source: ask, response: 'case', parameter }, target });
	return { doc, ask, target, a, b, c };
}
const copyOf = (doc: Y.Doc): Y.Doc => {
	const other = new Y.Doc();
	Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
	return other;
};
const meet = (one: Y.Doc, two: Y.Doc) => {
	Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
	Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
	expect(projectDraft(one)).toEqual(projectDraft(two));
};

describe('cases of a condition', () => {
	test('GRA-10: are added, changed, put in order and taken away', () => {
		const { doc, ask, a, b, c } = asked();
		setEntry(doc, ask, 'cases', b, { label: 'Warm', criteria: criteria(20) });
		expect(casesOf(doc, ask)).toEqual([
			{ id: a, label: 'A', criteria: null },
			{ id: b, label: 'Warm', criteria: criteria(20) },
			{ id: c, label: 'C', criteria: null }
		]);
		moveEntry(doc, ask, 'cases', c, 0);
		expect(labelsOf(doc, ask)).toEqual(['C', 'A', 'Warm']);
		moveEntry(doc, ask, 'cases', c, 2);
		expect(labelsOf(doc, ask)).toEqual(['A', 'Warm', 'C']);
		moveEntry(doc, ask, 'cases', a, 1);
		expect(labelsOf(doc, ask)).toEqual(['Warm', 'A', 'C']);
		addEntry(doc, ask, 'cases', { label: 'First' }, 0);
		expect(labelsOf(doc, ask)).toEqual(['First', 'Warm', 'A', 'C']);
		expect(projectDraft(doc).dropped).toEqual([]);
	});

	test('GRA-10: a case goes with its branch, and comes back with it by one undo', () => {
		const { doc, ask, a, b } = asked();
		const undo = createUndoManager(doc);
		removeEntry(doc, ask, 'cases', a);
		expect(labelsOf(doc, ask)).toEqual(['B', 'C']);
		expect(Object.keys(draftOf(doc).edges)).toHaveLength(2);
		expect(draftOf(doc).edges[`${ask}/case/${a}`]).toBeUndefined();
		undo.undo();
		expect(labelsOf(doc, ask)).toEqual(['A', 'B', 'C']);
		expect(draftOf(doc).edges[`${ask}/case/${a}`]).toBeDefined();
		removeEntry(doc, ask, 'cases', b);
		expect(() => removeEntry(doc, ask, 'cases', b)).not.toThrow();
		expect(() => setEntry(doc, ask, 'cases', b, { label: 'x' })).toThrow('removed');
		expect(() => moveEntry(doc, ask, 'cases', b, 0)).toThrow('removed');
	});

	test('GRA-2: a branch that other cases take too stays with them', () => {
		const { doc, ask, target, a } = asked();
		const d = addEntry(doc, ask, 'cases', { label: 'D' });
		setAlso(doc, `${ask}/case/${a}`, [{ response: 'case', parameter: d }, { response: 'else' }]);
		removeEntry(doc, ask, 'cases', a);
		expect(draftOf(doc).edges[`${ask}/case/${d}`]).toMatchObject({ target, also: [{ response: 'else' }] });
		const e = addEntry(doc, ask, 'cases', { label: 'E' });
		setAlso(doc, `${ask}/case/${d}`, [{ response: 'else' }, { response: 'case', parameter: e }]);
		removeEntry(doc, ask, 'cases', e);
		expect(draftOf(doc).edges[`${ask}/case/${d}`]!.also).toEqual([{ response: 'else' }]);
	});

	test('COL-2: two people editing, moving, adding and removing cases at once lose nothing', () => {
		const { doc, ask, a, b, c } = asked();
		const other = copyOf(doc);
		setEntry(doc, ask, 'cases', a, { label: 'Hot' });
		setEntry(other, ask, 'cases', a, { criteria: criteria(50) });
		moveEntry(doc, ask, 'cases', c, 0);
		addEntry(other, ask, 'cases', { label: 'Theirs' });
		addEntry(doc, ask, 'cases', { label: 'Mine' });
		removeEntry(other, ask, 'cases', b);
		meet(doc, other);
		expect(labelsOf(doc, ask).slice(0, 2)).toEqual(['C', 'Hot']);
		expect(labelsOf(doc, ask).slice(2).sort()).toEqual(['Mine', 'Theirs']);
		expect(casesOf(doc, ask)[1]).toEqual({ id: a, label: 'Hot', criteria: criteria(50) });
		expect(draftOf(doc).edges[`${ask}/case/${b}`]).toBeUndefined();
	});

	test('COL-2: what is changed in a case that somebody removes stays away; its new branch is left to be seen', () => {
		const { doc, ask, target, a } = asked();
		const other = copyOf(doc);
		removeEntry(doc, ask, 'cases', a);
		setEntry(other, ask, 'cases', a, { label: 'Still here' });
		setAlso(other, `${ask}/case/${a}`, [{ response: 'else' }]);
		meet(doc, other);
		expect(labelsOf(doc, ask)).toEqual(['B', 'C']);
		const late = copyOf(doc);
		const d = addEntry(late, ask, 'cases', { label: 'D' });
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(late));
		removeEntry(doc, ask, 'cases', d);
		addBranch(late, { from: { source: ask, response: 'case', parameter: d }, target });
		meet(doc, late);
		expect(draftOf(doc).edges[`${ask}/case/${d}`]).toBeDefined();
	});

	test('GRA-10: a hundred moves to the same place still have room', () => {
		const { doc, ask } = asked();
		for (let i = 0; i < 100; i++) moveEntry(doc, ask, 'cases', casesOf(doc, ask)[2]!.id, 1);
		expect(new Set(labelsOf(doc, ask))).toEqual(new Set(['A', 'B', 'C']));
		expect(labelsOf(doc, ask)[0]).toBe('A');
	});

	test('GRA-10: there are ten at most; what two people add together beyond that is said', () => {
		const { doc, ask } = asked();
		for (let i = 0; i < 6; i++) addEntry(doc, ask, 'cases');
		const other = copyOf(doc);
		addEntry(doc, ask, 'cases', { label: 'Mine' });
		addEntry(other, ask, 'cases', { label: 'Theirs' });
		meet(doc, other);
		expect(casesOf(doc, ask)).toHaveLength(10);
		expect(projectDraft(doc).dropped).toEqual([
			{ path: `/nodes/${ask}/cases`, reason: 'Only the first 10 are used.' }
		]);
		expect(() => addEntry(doc, ask, 'cases')).toThrow('10');
	});

	test('VER-1: a case whose values cannot be read keeps its place, and it is said', () => {
		const { doc, ask, a } = asked();
		nodesOf(doc)
			.get(ask)!
			.set(listKey('cases', a, 'criteria'), { nonsense: 1 });
		nodesOf(doc)
			.get(ask)!
			.set(listKey('cases', a, 'label'), 7);
		nodesOf(doc).get(ask)!.set('cases', 'flat');
		const { draft, dropped } = projectDraft(doc);
		expect((draft.nodes[ask] as DraftNodeOf<'condition'>).cases[0]).toEqual({
			id: a,
			label: '',
			criteria: null
		});
		expect(dropped.map(({ path }) => path).sort()).toEqual([
			`/nodes/${ask}/cases.${a}/criteria`,
			`/nodes/${ask}/cases.${a}/label`
		]);
	});

	test('lists belong to their kind of step and keep to their schema', () => {
		const { doc, ask, target, a } = asked();
		expect(() => addEntry(doc, ask, 'variants')).toThrow('no such list');
		expect(() => addEntry(doc, target, 'cases')).toThrow('no such list');
		expect(() => setEntry(doc, ask, 'cases', a, { label: 'x'.repeat(101) })).toThrow('does not fit');
		expect(() => setEntry(doc, ask, 'cases', a, { order: 1 } as object)).toThrow('does not fit');
		expect(() => setNodeField(doc, ask, 'cases', [])).toThrow('does not fit');
		for (const key of [
			'cases.a.odd',
			'cases.a',
			'other.a.order',
			'cases.__proto__.label',
			'cases.a b.label',
			'cases.a.label.x'
		])
			expect(parseListKey(key), key).toBeNull();
		expect(parseListKey('variants.v1.weight')).toEqual({ list: 'variants', id: 'v1', field: 'weight' });
	});
});

test('GRA-8: variants of an e-mail, review and reviewer come and go', () => {
	const doc = new Y.Doc();
	writeDraft(doc, emptyDraft());
	const mail = addAction(doc, { node: { kind: 'email', position: [0, 0] } }).id;
	const email = () => draftOf(doc).nodes[mail] as DraftNodeOf<'email'>;
	expect(email().variants).toBeUndefined();
	const v = addEntry(doc, mail, 'variants');
	setEntry(doc, mail, 'variants', v, { weight: 30 });
	setNodeField(doc, mail, 'weight', 70);
	expect(email()).toMatchObject({ weight: 70, variants: [{ id: v, templateId: null, weight: 30 }] });
	setNodeField(doc, mail, 'review', true);
	setNodeField(doc, mail, 'reviewer', { kind: 'recordOwner' });
	expect(email()).toMatchObject({ review: true, reviewer: { kind: 'recordOwner' } });
	setNodeField(doc, mail, 'reviewer', undefined);
	setNodeField(doc, mail, 'weight', undefined);
	removeEntry(doc, mail, 'variants', v);
	expect(email()).not.toHaveProperty('reviewer');
	expect(email()).not.toHaveProperty('weight');
	expect(email().variants).toBeUndefined();
	expect(projectDraft(doc).dropped).toEqual([]);
});

test('COL-4, CAD-5: copies and stored drafts keep every kind of step', () => {
	const { doc, ask, a } = asked();
	const uuid = '00000000-0000-7000-8000-000000000001';
	for (const node of [
		{ kind: 'updateField', field: 'stage', value: ['A', 'B'] },
		{ kind: 'tags', add: ['hot'], remove: ['cold'] },
		{ kind: 'changeOwner', owner: { kind: 'roundRobin', userIds: [uuid] } },
		{ kind: 'webhook', url: 'https://a.example' },
		{ kind: 'enroll', cadenceId: uuid },
		{ kind: 'email', weight: 60, variants: [{ id: 'v', templateId: uuid, weight: 40 }], review: true }
	] as const)
		addAction(doc, { node: { ...node, position: [0, 0] } });
	const { draft, dropped } = projectDraft(doc);
	expect(dropped).toEqual([]);
	const stored = new Y.Doc();
	writeDraft(stored, draft);
	expect(projectDraft(stored)).toEqual({ draft, dropped: [] });
	const clip = copyNodes(draft, Object.keys(draft.nodes));
	const ids = paste(doc, JSON.parse(JSON.stringify(clip)), [900, 900]);
	const bare = (one: Draft['nodes'][string]) => ({ ...one, id: '', position: [] });
	expect(ids.map((id) => bare(draftOf(doc).nodes[id]!))).toEqual(clip!.nodes.map(bare));
	const copy = ids[clip!.nodes.findIndex(({ id }) => id === ask)]!;
	expect(draftOf(doc).edges[`${copy}/case/${a}`]).toBeDefined();
});
