import { describe, expect, test } from 'vitest';
import { context, ids, nodes } from '../../../../tests/support/drafts.ts';
import { days, draftOf, task } from '../../../../tests/support/draftOf.ts';
import { changesBy, namesOf } from './authors.ts';
import { changeEntries } from './changeEntries.ts';
import { mergeDrafts } from './mergeDrafts.ts';
import { readImport } from './readImport.ts';

const names = { publish: context, fields: [], emailPreviews: {}, whatsappBodies: {} };
const before = draftOf(
	{
		hello: nodes.email('Hello'),
		ring: nodes.call('Ring'),
		look: { ...task(), title: 'Look', position: [0, 200] }
	},
	[
		['start', 'entry', 'hello'],
		['hello', 'sent', 'ring', days(3)],
		['ring', 'created', 'look']
	]
);
const after = draftOf(
	{
		hello: { ...nodes.email('Hello'), templateId: ids.second },
		ring: nodes.call('Ring'),
		again: { ...nodes.email('Again'), position: [0, 200] }
	},
	[
		['start', 'entry', 'hello'],
		['hello', 'sent', 'ring', days(5)],
		['ring', 'created', 'again']
	],
	{ endAfterDays: 9 }
);

describe('two states', () => {
	test('VER-6: stand on one canvas, what was removed as a ghost beside what stands there now', () => {
		const { draft, marks } = mergeDrafts(before, after);
		expect(marks.nodes.get('hello')).toEqual({ tone: 'changed', label: 'Changed' });
		expect(marks.nodes.get('again')?.tone).toBe('added');
		expect(marks.nodes.get('look')?.tone).toBe('removed');
		expect(marks.edges.get('hello/sent')).toBe('changed');
		expect(marks.nodes.has('ring')).toBe(false);
		expect(draft.nodes['look']?.position).not.toEqual(draft.nodes['again']?.position);
		expect(draft.nodes['look']?.position[1]).toBe(200);
	});

	test('VER-6: the change of a step, a branch and a setting is said field by field', () => {
		const entries = changeEntries(before, after, names);
		const of = (path: string) => entries.find((entry) => entry.path === path);
		expect(of('nodes/hello')?.fields).toEqual([{ label: 'Template', before: 'Hello', after: 'Hello B' }]);
		expect(of('edges/hello/sent')).toMatchObject({
			title: 'Hello: Sent → Ring',
			fields: [{ label: 'Delay', before: 'after 3 days', after: 'after 5 days' }]
		});
		expect(of('edges/ring/created')?.fields).toEqual([{ label: 'Leads to', before: 'Look', after: 'Again' }]);
		expect(of('settings/endAfterDays')?.fields).toEqual([
			{ label: 'End without a response', before: 'never', after: 'after 9 days' }
		]);
		expect(of('nodes/look')).toMatchObject({ change: 'removed', title: 'Look', fields: [] });
	});

	test('VER-2: one author’s changes stand apart', () => {
		const authors = {
			people: [
				{ id: 'a', name: 'Ada' },
				{ id: 'b', name: 'Ben' }
			],
			by: { 'nodes/hello': ['a', 'b'], 'nodes/again': ['b'] }
		};
		const entries = changeEntries(before, after, names);
		expect(changesBy(entries, authors, 'a').map(({ path }) => path)).toEqual(['nodes/hello']);
		expect(changesBy(entries, authors, null)).toHaveLength(entries.length);
		expect(namesOf(authors, 'nodes/hello')).toEqual(['Ada', 'Ben']);
	});
});

describe('a file for the open draft', () => {
	const file = (more = {}) =>
		JSON.stringify({
			cadenza: 'cadence/1',
			name: 'In',
			module: 'leads',
			enrollment: 'view',
			draft: after,
			...more
		});
	test('CAD-5: keeps how this cadence enrolls', () => {
		const manual = readImport(
			file({ draft: { ...after, settings: { ...after.settings, viewId: ids.view } } }),
			before,
			context
		);
		expect(manual).toMatchObject({ name: 'In', unresolved: [], draft: { settings: { viewId: null } } });
		const now = { ...before, settings: { ...before.settings, viewId: ids.view } };
		expect(readImport(file(), now, { ...context, enrollmentKind: 'view' })).toMatchObject({
			draft: { settings: { viewId: ids.view, endAfterDays: 9 } }
		});
	});
	test('CAD-2, CAD-5: a cadence of another module is refused', () => {
		expect(readImport(file({ module: 'deals' }), before, context)).toMatchObject({
			problems: [{ place: 'module', message: expect.stringContaining('"deals"') }]
		});
	});
});
