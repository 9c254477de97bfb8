import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import { projectDraft, writeDraft } from './document.ts';
import { addAction } from './edits/addAction.ts';
import { setText } from './edits/setText.ts';
import { edgesOf, nodesOf, settingsOf } from './layout.ts';
import { parseEdgeKey } from './edgeKeys.ts';

function newDoc(): Y.Doc {
	const doc = new Y.Doc();
	writeDraft(doc, emptyDraft());
	return doc;
}

describe('projectDraft', () => {
	test('VER-1: gives back the draft that was written', () => {
		const doc = newDoc();
		const mail = addAction(doc, {
			node: { kind: 'email', position: [0, 200], title: 'Hello', notes: 'first touch' },
			from: { source: 'start', response: 'entry' }
		});
		addAction(doc, {
			node: { kind: 'exit', position: [0, 400], reason: 'Answered', goal: true },
			from: { source: mail.id, response: 'clicked', parameter: 'https://a.example/?q=1/2' },
			delay: { amount: 2, unit: 'days', at: '09:30' }
		});
		const { draft, dropped } = projectDraft(doc);
		expect(dropped).toEqual([]);
		const copy = new Y.Doc();
		writeDraft(copy, draft);
		expect(projectDraft(copy)).toEqual({ draft, dropped: [] });
		expect(Object.keys(draft.nodes)).toHaveLength(3);
		expect(Object.values(draft.edges).map((edge) => edge.parameter)).toContain('https://a.example/?q=1/2');
	});

	test('leaves out what cannot be read, says so, and keeps the rest', () => {
		const doc = newDoc();
		const mail = addAction(doc, { node: { kind: 'email', position: [0, 0], title: 'Kept' } });
		const broken = new Y.Map<unknown>();
		broken.set('kind', 'rocket');
		nodesOf(doc).set('broken', broken);
		nodesOf(doc).get(mail.id)!.set('recipient', 42);
		settingsOf(doc).set('endAfterDays', 'soon');
		edgesOf(doc).set('start/entry', new Y.Map());
		(nodesOf(doc) as Y.Map<unknown>).set('flat', 'text');
		const { draft, dropped } = projectDraft(doc);
		expect(Object.keys(draft.nodes).sort()).toEqual([mail.id, 'start'].sort());
		expect(draft.nodes[mail.id]).toMatchObject({ title: 'Kept', recipient: null });
		expect(draft.settings.endAfterDays).toBeNull();
		expect(draft.edges).toEqual({});
		expect(dropped.map(({ path }) => path)).toEqual(
			expect.arrayContaining(['/nodes/broken/kind', '/nodes/flat', '/settings/endAfterDays'])
		);
	});

	test('Y10: hostile names and nesting reach neither a prototype nor the stack', () => {
		const doc = newDoc();
		const evil = new Y.Map<unknown>();
		evil.set('kind', 'exit');
		evil.set('pos', [0, 0]);
		evil.set('__proto__', { polluted: true });
		nodesOf(doc).set('__proto__', evil);
		let deep: unknown = 'x';
		for (let i = 0; i < 3000; i++) deep = { all: [deep] };
		settingsOf(doc).set('unenroll.criteria', deep);
		settingsOf(doc).set('scan', 10n);
		const { draft } = projectDraft(doc);
		expect(Object.getPrototypeOf(draft.nodes)).toBeNull();
		expect(Object.keys(draft.nodes)).toEqual(['start']);
		expect(draft.settings.scan).toBeNull();
		expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
		expect(() => JSON.stringify(draft)).not.toThrow();
	});

	test('a text that two people made too long is cut for the draft only', () => {
		const doc = newDoc();
		const mail = addAction(doc, { node: { kind: 'email', position: [0, 0], title: 'a'.repeat(90) } });
		const title = nodesOf(doc).get(mail.id)!.get('title') as Y.Text;
		title.insert(90, 'b'.repeat(50));
		expect(projectDraft(doc).draft.nodes[mail.id]!.title).toHaveLength(100);
		expect(title.toString()).toHaveLength(140);
		setText(doc, mail.id, 'title', 'short');
		expect(projectDraft(doc).dropped).toEqual([]);
	});
});

test('GRA-2: a branch key has one spelling', () => {
	expect(parseEdgeKey('start/entry')).toEqual({ source: 'start', response: 'entry' });
	expect(parseEdgeKey('a1/result/No%20response')).toEqual({
		source: 'a1',
		response: 'result',
		parameter: 'No response'
	});
	for (const key of ['start/sent', 'a1', 'a1/', '/sent', 'a1/result/', 'a1/result/a b', 'a/b/c/d', 'a/b/%E0'])
		expect(parseEdgeKey(key), key).toBeNull();
});
