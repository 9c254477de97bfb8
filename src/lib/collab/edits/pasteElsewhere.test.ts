import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';
import { validateDraft } from '#lib/domain/plan/validateDraft.ts';
import { context, nodes } from '../../../../tests/support/drafts.ts';
import { draftOf } from '../../../../tests/support/draftOf.ts';
import { copyNodes } from '../clip.ts';
import { projectDraft, writeDraft } from '../document.ts';
import { paste } from './paste.ts';

/** A module that has a last name and nothing else of what the steps ask for. */
const vendors: PublishContext = {
	...context,
	module: { id: context.module.id, key: 'vendors', kind: 'custom', singular: 'Vendor', plural: 'Vendors' },
	fields: [{ key: 'lastName', label: 'Last name', type: 'text' }],
	related: {}
};

test('COL-4, GRA-9: steps pasted into a cadence of another module keep all they say; each field that is not there is a problem at its step', () => {
	const from = draftOf(
		{
			mail: nodes.email('Mail'),
			ring: nodes.call('Ring'),
			stage: nodes.updateField('Stage'),
			split: nodes.condition('Split')
		},
		[
			['start', 'entry', 'mail'],
			['mail', 'sent', 'ring'],
			['ring', 'created', 'stage'],
			['stage', 'done', 'split']
		]
	);
	const doc = new Y.Doc();
	writeDraft(doc, emptyDraft());
	paste(doc, JSON.parse(JSON.stringify(copyNodes(from, Object.keys(from.nodes)))), [0, 200]);
	const { draft, dropped } = projectDraft(doc);
	expect(dropped).toEqual([]);
	const at = new Map(Object.values(draft.nodes).map(({ id, title }) => [id, title]));
	const problemsOf = (of: PublishContext) =>
		validateDraft(draft, of).flatMap(({ at: place, code, severity, message }) =>
			'node' in place && severity === 'error' && !code.startsWith('graph')
				? [{ title: at.get(place.node), field: place.field, message }]
				: []
		);
	const missing = problemsOf(vendors);
	expect(missing).toEqual(
		expect.arrayContaining([
			expect.objectContaining({ title: 'Mail', field: 'recipient' }),
			expect.objectContaining({ title: 'Ring', field: 'recipient' }),
			expect.objectContaining({
				title: 'Stage',
				field: 'field',
				message: expect.stringContaining('Vendors have no field "stage"')
			}),
			expect.objectContaining({ title: 'Split' })
		])
	);
	// At home none of these is one: the problems are the other module's.
	const home = problemsOf(context).map(({ message }) => message);
	expect(missing.filter(({ message }) => home.includes(message)).map(({ field }) => field)).not.toContain(
		'field'
	);
	expect(Object.values(draft.nodes).find(({ title }) => title === 'Stage')).toMatchObject({
		field: 'stage',
		value: 'Contacted'
	});
});
