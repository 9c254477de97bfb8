import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { emptyDraft, type Draft } from '#lib/domain/cadence/draft.ts';
import { copyNodes } from '../clip.ts';
import { projectDraft, writeDraft } from '../document.ts';
import { createUndoManager } from '../undo.ts';
import { addAction } from './addAction.ts';
import { addBranch } from './addBranch.ts';
import { insertIntoBranch } from './insertIntoBranch.ts';
import { moveNodes } from './moveNodes.ts';
import { paste } from './paste.ts';
import { removeBranch } from './removeBranch.ts';
import { removeNode, removeNodes } from './removeNode.ts';
import { setAlso } from './setAlso.ts';
import { setDelay } from './setDelay.ts';
import { setNodeField } from './setNodeField.ts';
import { setSettings } from './setSettings.ts';
import { setTarget } from './setTarget.ts';
import { diffText, setText } from './setText.ts';

const entry = { source: 'start', response: 'entry' };
const draftOf = (doc: Y.Doc): Draft => projectDraft(doc).draft;

function chain(): { doc: Y.Doc; mail: string; task: string } {
	const doc = new Y.Doc();
	writeDraft(doc, emptyDraft());
	const mail = addAction(doc, { node: { kind: 'email', position: [0, 100] }, from: entry }).id;
	const task = addAction(doc, {
		node: { kind: 'task', position: [0, 200], subject: 'Call back' },
		from: { source: mail, response: 'opened' }
	}).id;
	return { doc, mail, task };
}

describe('edits', () => {
	test('GRA-2: a used response is refused, also when another branch lists it', () => {
		const { doc, mail, task } = chain();
		const from = { source: mail, response: 'opened' };
		expect(() => addBranch(doc, { from, target: task })).toThrow('already has a branch');
		expect(() => addAction(doc, { node: { kind: 'exit', position: [0, 0] }, from: entry })).toThrow();
		setAlso(doc, `${mail}/opened`, [{ response: 'clicked' }]);
		expect(() => addBranch(doc, { from: { source: mail, response: 'clicked' }, target: task })).toThrow();
		setAlso(doc, `${mail}/opened`, [{ response: 'clicked' }, { response: 'replied' }]);
		expect(draftOf(doc).edges[`${mail}/opened`]!.also).toHaveLength(2);
	});

	test('GRA-3: branches join, cycles are refused', () => {
		const { doc, mail, task } = chain();
		const key = addBranch(doc, { from: { source: mail, response: 'replied' }, target: task });
		expect(draftOf(doc).edges[key]!.target).toBe(task);
		const back = { source: task, response: 'created' };
		expect(() => addBranch(doc, { from: back, target: mail })).toThrow('circles');
		expect(() => addBranch(doc, { from: back, target: task })).toThrow('circles');
		expect(() => addBranch(doc, { from: back, target: 'start' })).toThrow();
		expect(() => setTarget(doc, key, mail)).toThrow('circles');
		const exit = addAction(doc, { node: { kind: 'exit', position: [0, 0] } }).id;
		setTarget(doc, key, exit);
		expect(draftOf(doc).edges[key]!.target).toBe(exit);
		expect(() => addBranch(doc, { from: { source: exit, response: 'sent' }, target: task })).toThrow(
			'Nothing comes after an exit'
		);
	});

	test('COL-4: a step goes into a branch, and comes out again with what it joined', () => {
		const { doc, mail, task } = chain();
		const call = insertIntoBranch(doc, {
			key: `${mail}/opened`,
			node: { kind: 'call', position: [0, 150] },
			onward: { response: 'result', parameter: 'No response' }
		}).id;
		expect(draftOf(doc).edges[`${mail}/opened`]!.target).toBe(call);
		expect(draftOf(doc).edges[`${call}/result/No%20response`]!.target).toBe(task);
		removeNode(doc, call, { rejoin: true });
		expect(draftOf(doc).edges[`${mail}/opened`]!.target).toBe(task);
		expect(Object.keys(draftOf(doc).edges)).toHaveLength(2);
		expect(() => removeNode(doc, 'start')).toThrow();
		removeNodes(doc, ['start', mail, task]);
		expect(draftOf(doc)).toMatchObject({ nodes: { start: {} }, edges: {} });
		expect(() => removeBranch(doc, `${mail}/opened`)).not.toThrow();
	});

	test('fields and settings keep to their schema', () => {
		const { doc, mail, task } = chain();
		setNodeField(doc, task, 'priority', 'High');
		setNodeField(doc, task, 'subject', 'Ring them');
		expect(draftOf(doc).nodes[task]).toMatchObject({ priority: 'High', subject: 'Ring them' });
		for (const [field, value] of [
			['priority', 'Huge'],
			['kind', 'exit'],
			['constructor', 1],
			['position', 1]
		] as const)
			expect(() => setNodeField(doc, task, field, value), field).toThrow();
		setDelay(doc, `${mail}/opened`, { amount: 3, unit: 'businessDays', at: '08:00' });
		expect(draftOf(doc).edges[`${mail}/opened`]!.delay.unit).toBe('businessDays');
		expect(() => setDelay(doc, `${mail}/opened`, { amount: 100, unit: 'days' })).toThrow('1 to 99');
		setSettings(doc, { unenroll: { leavesView: true }, trackOpens: false });
		setSettings(doc, { unenroll: { onDate: '2030-01-31' } });
		expect(draftOf(doc).settings).toMatchObject({
			trackOpens: false,
			trackClicks: true,
			unenroll: { leavesView: true, onDate: '2030-01-31' }
		});
		expect(() => setSettings(doc, { endAfterDays: 0 })).toThrow();
	});

	test('COL-4: paste puts a sub-tree in under new ids', () => {
		const { doc, mail, task } = chain();
		const clip = copyNodes(draftOf(doc), ['start', mail, task]);
		const ids = paste(doc, JSON.parse(JSON.stringify(clip)), [500, 500]);
		const { nodes, edges } = draftOf(doc);
		expect(ids).toHaveLength(2);
		expect(nodes[ids[0]!]).toMatchObject({ kind: 'email', position: [500, 500] });
		expect(edges[`${ids[0]}/opened`]!.target).toBe(ids[1]);
		expect(() => paste(doc, { nodes: 'x' }, [0, 0])).toThrow('clipboard');
	});

	test('COL-2: undo takes back own edits only', () => {
		const { doc, mail } = chain();
		const undo = createUndoManager(doc);
		const other = new Y.Doc();
		Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
		setText(doc, mail, 'title', 'Mine');
		undo.stopCapturing();
		setText(other, mail, 'notes', 'Theirs');
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(other), 'socket');
		undo.undo();
		expect(draftOf(doc).nodes[mail]).toMatchObject({ title: '', notes: 'Theirs' });
		undo.redo();
		expect(draftOf(doc).nodes[mail]!.title).toBe('Mine');
	});

	test('two people type in one field, and nothing is lost', () => {
		const { doc, task } = chain();
		const other = new Y.Doc();
		Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
		setText(doc, task, 'subject', 'Please call back');
		setText(other, task, 'subject', 'Call back today 👋🏽');
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
		Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
		expect(draftOf(doc)).toEqual(draftOf(other));
		expect((draftOf(doc).nodes[task] as { subject: string }).subject).toMatch(/^Please call back today 👋🏽$/i);
	});

	test('a text difference never splits a character pair', () => {
		expect(diffText('a😀b', 'a😁b')).toEqual({ at: 1, remove: 2, insert: '😁' });
		expect(diffText('aa', 'aaa')).toEqual({ at: 2, remove: 0, insert: 'a' });
		expect(diffText('', '')).toEqual({ at: 0, remove: 0, insert: '' });
	});

	test('Y14: ten thousand drags grow the document by less than 5 KB', () => {
		const { doc, mail } = chain();
		const before = Y.encodeStateAsUpdate(doc).byteLength;
		for (let i = 0; i < 10_000; i++) moveNodes(doc, { [mail]: [i, -i], gone: [1, 1] });
		expect(draftOf(doc).nodes[mail]!.position).toEqual([9999, -9999]);
		expect(Y.encodeStateAsUpdate(doc).byteLength - before).toBeLessThan(5 * 1024);
	});
});
