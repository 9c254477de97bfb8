import { expect, test } from 'vitest';
import { draftNodeSchema, emptyDraft, type DraftNode } from '../cadence/draft.ts';
import { diffDrafts } from './diffDrafts.ts';
import type { PublishContext } from './publishContext.ts';
import { titledChanges } from './stepTitle.ts';

const template = '00000000-0000-7000-8000-000000000002';
const context = {
	templates: [
		{ id: template, name: 'Hello', moduleId: null, hasUnsubscribeLink: true, problems: [], links: [] }
	],
	whatsappTemplates: []
} as unknown as PublishContext;
const node = (rest: Record<string, unknown>): DraftNode =>
	draftNodeSchema.parse({ position: [0, 0], ...rest });

test('VER-4: the publish dialog calls steps as their cards do, and the start node is none', () => {
	const draft = emptyDraft();
	draft.nodes['a'] = node({ id: 'a', kind: 'email', templateId: template });
	draft.nodes['b'] = node({ id: 'b', kind: 'call', subject: 'Ring' });
	draft.nodes['c'] = node({ id: 'c', kind: 'exit' });
	draft.nodes['d'] = node({ id: 'd', kind: 'task', title: 'Named', subject: 'x' });
	const { nodes } = titledChanges(diffDrafts(null, draft), { draft, before: null, context });
	expect(nodes.added.map(({ title }) => title)).toEqual(['Hello', 'Ring', 'Exit', 'Named']);
});

test('VER-4: the publish dialog lists steps as the canvas does, from the top', () => {
	const draft = emptyDraft();
	draft.nodes['a'] = node({ id: 'a', kind: 'task', title: 'Third', position: [0, 300] });
	draft.nodes['b'] = node({ id: 'b', kind: 'task', title: 'Second', position: [200, 100] });
	draft.nodes['c'] = node({ id: 'c', kind: 'task', title: 'First', position: [0, 100] });
	const { nodes } = titledChanges(diffDrafts(null, draft), { draft, before: null, context });
	expect(nodes.added.map(({ title }) => title)).toEqual(['First', 'Second', 'Third']);
});
