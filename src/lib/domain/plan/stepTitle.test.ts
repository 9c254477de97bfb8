import { expect, test } from 'vitest';
import { draftNodeSchema, emptyDraft, type DraftNode } from '../cadence/draft.ts';
import { diffDrafts } from './diffDrafts.ts';
import type { PublishContext } from './publishContext.ts';
import { stepTitle, titledChanges } from './stepTitle.ts';

const template = '00000000-0000-7000-8000-000000000002';
const context = {
	templates: [
		{ id: template, name: 'Hello', moduleId: null, hasUnsubscribeLink: true, problems: [], links: [] }
	],
	whatsappTemplates: [],
	fields: [{ key: 'stage', label: 'Stage', type: 'picklist' }],
	cadences: [{ id: template, name: 'Later' }]
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

test('VER-4: extra actions and conditions are called by what they do', () => {
	const titleOf = (rest: Record<string, unknown>) => stepTitle(node({ id: 'a', ...rest }), context);
	expect(titleOf({ kind: 'updateField', field: 'stage' })).toBe('Update Stage');
	expect(titleOf({ kind: 'updateField', field: 'gone' })).toBe('Update field');
	expect(titleOf({ kind: 'webhook', url: 'https://a.example/x' })).toBe('Webhook to a.example');
	expect(titleOf({ kind: 'webhook' })).toBe('Webhook');
	expect(titleOf({ kind: 'enroll', cadenceId: template })).toBe('Enroll in Later');
	expect(titleOf({ kind: 'condition' })).toBe('Condition');
	expect(titleOf({ kind: 'tags', title: 'Mark' })).toBe('Mark');
});

test('VER-6: a change of cases, variants, tags or of who takes turns is a change of the step', () => {
	const before = emptyDraft();
	const cases = [{ id: 'c', label: 'Hot', criteria: null }];
	before.nodes['a'] = node({ id: 'a', kind: 'condition', cases });
	before.nodes['b'] = node({ id: 'b', kind: 'tags', add: ['x'] });
	before.nodes['c'] = node({ id: 'c', kind: 'email', templateId: template });
	const after = structuredClone(before);
	after.nodes['a'] = node({ id: 'a', kind: 'condition', cases: [{ ...cases[0], label: 'Warm' }] });
	after.nodes['b'] = node({ id: 'b', kind: 'tags', add: ['x', 'y'] });
	after.nodes['c'] = node({
		id: 'c',
		kind: 'email',
		templateId: template,
		review: true,
		variants: [{ id: 'v', templateId: template, weight: 50 }]
	});
	expect(diffDrafts(before, after).nodes.changed.map(({ id, fields }) => [id, fields])).toEqual([
		['a', ['cases']],
		['b', ['add']],
		['c', ['review', 'variants']]
	]);
});

test('VER-4: the publish dialog lists steps as the canvas does, from the top', () => {
	const draft = emptyDraft();
	draft.nodes['a'] = node({ id: 'a', kind: 'task', title: 'Third', position: [0, 300] });
	draft.nodes['b'] = node({ id: 'b', kind: 'task', title: 'Second', position: [200, 100] });
	draft.nodes['c'] = node({ id: 'c', kind: 'task', title: 'First', position: [0, 100] });
	const { nodes } = titledChanges(diffDrafts(null, draft), { draft, before: null, context });
	expect(nodes.added.map(({ title }) => title)).toEqual(['First', 'Second', 'Third']);
});
