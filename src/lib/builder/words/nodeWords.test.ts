import { expect, test } from 'vitest';
import { draftNodeSchema, type DraftNodeOf } from '#lib/domain/cadence/draft.ts';
import type { ContextField } from '#lib/domain/plan/publishContext.ts';
import type { BuilderContext } from '../builderContext.ts';
import { nodeLabel, nodeWords, type Names } from './nodeWords.ts';
import { caseWords } from './extraWords.ts';
import { firstValue } from './firstValue.ts';
import { percents } from './percents.ts';
import { mergeFieldChoices, recipientChoices } from './recipients.ts';

const ann = '00000000-0000-7000-8000-000000000001';
const template = '00000000-0000-7000-8000-000000000002';
const publish = {
	module: { id: ann, key: 'deals', kind: 'system', singular: 'Deal', plural: 'Deals' },
	enrollmentKind: 'manual',
	fields: [
		{ key: 'email', label: 'E-mail', type: 'email' },
		{ key: 'stage', label: 'Stage', type: 'picklist', options: ['New', 'Contacted'] },
		{ key: 'rep', label: 'Rep', type: 'user' },
		{ key: 'vip', label: 'VIP', type: 'boolean' },
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
	cadences: [{ id: template, name: 'Later', state: 'active', enrollmentKind: 'manual', enrolls: [] }],
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

test('UX: a card shows merge fields by their labels; what names nothing here, as it was written', () => {
	const subject = '{{deal.stage | default: "New"}} for {{contact.phone}}, {{deal.gone}}: {{owner.name}}';
	const email = node({ kind: 'email', templateId: template });
	expect(nodeWords(email, { ...names, emailPreviews: { [template]: { subject, text: '' } } }).what).toBe(
		'[Stage] for [Contact: Phone], {{deal.gone}}: [Owner: Name]'
	);
	const whatsappTemplates = [{ id: ann, name: 'hello', status: 'approved', variables: ['1'], buttons: [] }];
	const whatsapp = node({ kind: 'whatsapp', templateId: ann, variables: { 1: '{{deal.stage}}' } });
	expect(
		nodeWords(whatsapp, {
			...names,
			publish: { ...publish, whatsappTemplates } as unknown as Names['publish'],
			whatsappBodies: { [ann]: 'Now {{1}}' }
		}).what
	).toBe('Now [Stage]');
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
	const start = node({ kind: 'start' });
	expect(nodeLabel(start, nodeWords(start, names), undefined)).toBe('Start, Deals enrolled by hand');
	const task = node({ kind: 'task', subject: 'Write', title: 'Task' });
	expect(nodeLabel(task, nodeWords(task, names), 2)).toBe(
		'Follow-up 2, Task, Due after 1 business day at 17:00, Record owner'
	);
});

test('UX: cards of extra actions say what they do, or what is still to be chosen', () => {
	const what = (rest: Record<string, unknown>) => {
		const words = nodeWords(node(rest), names);
		return words.whatMissing ? `? ${words.what}` : words.what;
	};
	expect(what({ kind: 'updateField' })).toBe('? Choose a field');
	expect(what({ kind: 'updateField', field: 'gone', value: 'x' })).toBe('? The field is gone');
	expect(what({ kind: 'updateField', field: 'stage', value: 'Contacted' })).toBe('Stage → Contacted');
	expect(what({ kind: 'updateField', field: 'stage', value: null })).toBe('Stage → empty');
	expect(what({ kind: 'updateField', field: 'rep', value: ann })).toBe('Rep → Ann Lee');
	expect(what({ kind: 'updateField', field: 'vip', value: false })).toBe('VIP → No');
	expect(what({ kind: 'tags' })).toBe('? Name a tag');
	expect(what({ kind: 'tags', add: ['hot', 'new'], remove: ['cold'] })).toBe('Add hot, new · Remove cold');
	expect(what({ kind: 'changeOwner' })).toBe('? Choose the new owner');
	expect(what({ kind: 'changeOwner', owner: { kind: 'user', userId: template } })).toBe(
		'? The person is gone'
	);
	expect(what({ kind: 'changeOwner', owner: { kind: 'roundRobin', userIds: [ann, template, ann] } })).toBe(
		'In turn among 3'
	);
	expect(what({ kind: 'webhook' })).toBe('? Enter the address');
	expect(what({ kind: 'webhook', url: 'https://a.example/x?y' })).toBe('a.example');
	expect(what({ kind: 'enroll' })).toBe('? Choose a cadence');
	expect(what({ kind: 'enroll', cadenceId: ann })).toBe('? The cadence is gone');
	expect(what({ kind: 'enroll', cadenceId: template })).toBe('Into Later');
	expect(what({ kind: 'condition' })).toBe('? Add a case');
	expect(nodeWords(node({ kind: 'tags', add: ['x'] }), names).whoMissing).toBe(false);
});

test('GRA-10: a condition is read with its cases, and has no follow-up of its own', () => {
	const cases = [
		{ id: 'x', label: 'Hot', criteria: { field: 'stage', op: 'is', value: 'New' } },
		{ id: 'y', label: '', criteria: null }
	];
	const ask = node({ kind: 'condition', title: 'How warm', cases });
	expect(nodeLabel(ask, nodeWords(ask, names), 2)).toBe('Condition, How warm, Hot, Case 2, else');
	const field = {
		required: false,
		unique: false,
		readOnly: false,
		lookupModuleKey: null,
		origin: 'standard' as const
	};
	const fields = publish.fields.map((one) => ({ ...field, options: [], ...one })) as BuilderContext['fields'];
	const words = (ask as DraftNodeOf<'condition'>).cases.map((one) => caseWords(one, { publish, fields }));
	expect(words).toEqual(['Stage is "New"', null]);
});

test('GRA-8: a card says that templates are compared and that somebody looks first', () => {
	const mail = node({
		kind: 'email',
		templateId: template,
		review: true,
		variants: [{ id: 'v', templateId: null, weight: 50 }]
	});
	expect(nodeWords(mail, names).what).toBe('A/B 2 · Reviewed · Good morning');
});

test('GRA-8: shares of variants make a hundred', () => {
	expect(percents([50, 50])).toEqual([50, 50]);
	expect(percents([1, 1, 1])).toEqual([34, 33, 33]);
	expect(percents([70, 30, 100])).toEqual([35, 15, 50]);
	expect(percents([])).toEqual([]);
});

test('GRA-8: a field that was just chosen starts with a value of its type', () => {
	const first = (type: ContextField['type']) =>
		firstValue({ key: 'f', label: 'F', type, options: ['A'] }, '2026-11-23');
	expect(first('picklist')).toBe('A');
	expect(first('date')).toBe('2026-11-23');
	expect(first('dateTime')).toBe('2026-11-23T09:00:00.000Z');
	expect([first('boolean'), first('number'), first('text'), first('multiPicklist')]).toEqual([
		true,
		0,
		'',
		[]
	]);
});
