import { expect, test } from 'vitest';
import { draftNodeSchema } from '#lib/domain/cadence/draft.ts';
import { nodeLabel, nodeWords, type Names } from './nodeWords.ts';
import { mergeFieldChoices, recipientChoices } from './recipients.ts';

const ann = '00000000-0000-7000-8000-000000000001';
const template = '00000000-0000-7000-8000-000000000002';
const publish = {
	module: { id: ann, key: 'deals', kind: 'system', singular: 'Deal', plural: 'Deals' },
	enrollmentKind: 'manual',
	fields: [
		{ key: 'email', label: 'E-mail', type: 'email' },
		{ key: 'contact', label: 'Contact', type: 'lookup', lookupModuleKey: 'contacts' }
	],
	related: { contact: [{ key: 'phone', label: 'Phone', type: 'phone' }] },
	templates: [
		{ id: template, name: 'Hello', moduleId: null, hasUnsubscribeLink: true, problems: [], links: [] }
	],
	whatsappTemplates: [],
	whatsappConnected: false,
	senders: [{ id: ann, name: 'Sales', address: 'sales@example.com', status: 'active' }],
	users: [{ id: ann, name: 'Ann Lee', active: true }],
	views: [],
	cadenceId: null,
	cadences: [],
	callResults: ['Busy'],
	requireUnsubscribeBlock: false,
	actionLimit: 30,
	editionLabel: 'Standard',
	today: '2026-11-23',
	businessHours: {}
} satisfies Names['publish'];
const names: Names = {
	publish,
	emailPreviews: { [template]: { subject: 'Good morning', text: '' } },
	whatsappBodies: {}
};
const node = (rest: Record<string, unknown>) => draftNodeSchema.parse({ id: 'a', position: [0, 0], ...rest });

test('UX: a card says what is sent and by whom, and what is still to be chosen', () => {
	expect(nodeWords(node({ kind: 'email' }), names)).toEqual({
		title: 'E-mail',
		what: 'Choose a template',
		whatMissing: true,
		who: 'Choose a sender',
		whoMissing: true
	});
	const ready = nodeWords(
		node({ kind: 'email', templateId: template, sender: { kind: 'sender', senderId: ann } }),
		names
	);
	expect(ready).toMatchObject({
		title: 'Hello',
		what: 'Good morning',
		who: 'From Sales',
		whatMissing: false
	});
});

test('GRA-8: due and owner of a task and a call read as sentences', () => {
	expect(nodeWords(node({ kind: 'task', subject: 'Write' }), names)).toMatchObject({
		title: 'Write',
		what: 'Due after 1 business day at 17:00',
		who: 'Record owner'
	});
	expect(
		nodeWords(node({ kind: 'call', subject: 'Ring', owner: { kind: 'user', userId: ann } }), names)
	).toMatchObject({ what: 'Starts the same day at 10:00', who: 'Ann Lee' });
});

test('GRA-1: an exit is named by its reason, a goal without one says so', () => {
	expect(nodeWords(node({ kind: 'exit', reason: 'Bought' }), names).title).toBe('Bought');
	expect(nodeWords(node({ kind: 'exit', goal: true }), names).title).toBe('Goal reached');
});

test('GRA-8: recipients are fields of the record and of one lookup', () => {
	expect(recipientChoices(publish, 'email')).toEqual([{ path: 'email', label: 'E-mail' }]);
	expect(recipientChoices(publish, 'phone')).toEqual([{ path: 'contact.phone', label: 'Contact: Phone' }]);
	expect(mergeFieldChoices(publish).map(({ path }) => path)).toContain('deal.email');
});

test('COL-4: a screen reader hears follow-up, kind and title once', () => {
	const task = node({ kind: 'task', subject: 'Write', title: 'Task' });
	expect(nodeLabel(task, nodeWords(task, names), 2)).toBe(
		'Follow-up 2, Task, Due after 1 business day at 17:00, Record owner'
	);
});
