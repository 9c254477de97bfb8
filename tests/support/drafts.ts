import fc from 'fast-check';
import type { Draft } from '../../src/lib/domain/cadence/draft.ts';
import type { ResponseKind } from '../../src/lib/domain/cadence/responses.ts';
import { defaultBusinessHours } from '../../src/lib/domain/time/calendar.ts';
import { immediately, type Delay } from '../../src/lib/domain/time/delay.ts';
import type { PublishContext } from '../../src/lib/domain/plan/publishContext.ts';
import { draftOf, type Edge } from './draftOf.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const ids = {
	module: uuid(1),
	template: uuid(2),
	sender: uuid(3),
	user: uuid(4),
	view: uuid(5),
	whatsapp: uuid(6),
	cadence: uuid(7),
	other: uuid(8),
	second: uuid(9)
} as const;

/** A context in which everything is there. */
export const context: PublishContext = {
	module: { id: ids.module, key: 'leads', kind: 'system', singular: 'Lead', plural: 'Leads' },
	enrollmentKind: 'manual',
	fields: [
		{ key: 'lastName', label: 'Last name', type: 'text' },
		{ key: 'email', label: 'E-mail', type: 'email' },
		{ key: 'phone', label: 'Phone', type: 'phone' },
		{ key: 'stage', label: 'Stage', type: 'picklist', options: ['New', 'Contacted'] },
		{ key: 'score', label: 'Score', type: 'number' },
		{ key: 'account', label: 'Account', type: 'lookup', lookupModuleKey: 'accounts' }
	],
	related: { account: [{ key: 'phone', label: 'Phone', type: 'phone' }] },
	templates: [
		{
			id: ids.template,
			name: 'Hello',
			moduleId: null,
			hasUnsubscribeLink: true,
			problems: [],
			links: ['https://a.example']
		},
		{ id: ids.second, name: 'Hello B', moduleId: null, hasUnsubscribeLink: true, problems: [], links: [] }
	],
	whatsappTemplates: [
		{ id: ids.whatsapp, name: 'hi', language: 'en', status: 'APPROVED', variables: ['1'], buttons: ['Yes'] }
	],
	whatsappConnected: true,
	senders: [{ id: ids.sender, name: 'Sales', address: 'sales@a.example', status: 'active' }],
	users: [{ id: ids.user, name: 'Ada', active: true }],
	cadenceId: ids.cadence,
	cadences: [
		{ id: ids.cadence, name: 'This one', state: 'active', enrollmentKind: 'manual', enrolls: [] },
		{ id: ids.other, name: 'Later', state: 'active', enrollmentKind: 'manual', enrolls: [] }
	],
	views: [{ id: ids.view, name: 'All leads', shared: true, usesCurrentUser: false }],
	callResults: ['Interested', 'Busy'],
	requireUnsubscribeBlock: false,
	actionLimit: 600,
	editionLabel: 'Standard',
	today: '2026-05-31',
	businessHours: defaultBusinessHours
};

export const nodes = {
	email: (title = '') => ({
		kind: 'email',
		title,
		templateId: ids.template,
		sender: { kind: 'sender', senderId: ids.sender },
		recipient: 'email'
	}),
	task: (title = '') => ({ kind: 'task', title, subject: 'Look at {{lead.lastName}}' }),
	call: (title = '') => ({ kind: 'call', title, subject: 'Ring', recipient: 'account.phone' }),
	whatsapp: (title = '') => ({
		kind: 'whatsapp',
		title,
		templateId: ids.whatsapp,
		recipient: 'phone',
		variables: { '1': '{{lead.lastName}}' }
	}),
	updateField: (title = '') => ({ kind: 'updateField', title, field: 'stage', value: 'Contacted' }),
	tags: (title = '') => ({ kind: 'tags', title, add: ['hot'] }),
	changeOwner: (title = '') => ({ kind: 'changeOwner', title, owner: { kind: 'user', userId: ids.user } }),
	webhook: (title = '') => ({ kind: 'webhook', title, url: 'https://hooks.example/in' }),
	enroll: (title = '') => ({ kind: 'enroll', title, cadenceId: ids.other }),
	condition: (title = '') => ({
		kind: 'condition',
		title,
		cases: [
			{ id: 'hot', label: 'Hot', criteria: { field: 'score', op: 'gte', value: 50 } },
			{ id: 'new', label: '', criteria: { all: [{ field: 'stage', op: 'is', value: 'New' }] } }
		]
	}),
	exit: (reason = 'Done') => ({ kind: 'exit', reason })
};
type BranchingKind = Exclude<keyof typeof nodes, 'exit'>;

const choices: Record<BranchingKind, [ResponseKind, string?][]> = {
	email: [
		['sent'],
		['opened'],
		['clicked'],
		['clicked', '0'],
		['replied'],
		['bounced', 'hard'],
		['notOpened'],
		['notReplied']
	],
	task: [['created'], ['status', 'Completed'], ['status', 'Waiting'], ['overdue'], ['notCompleted']],
	call: [['created'], ['result', 'Busy'], ['result', 'Interested'], ['overdue'], ['notLogged']],
	whatsapp: [['sent'], ['delivered'], ['read'], ['replied', 'Yes'], ['replied'], ['notRead']],
	updateField: [['done']],
	tags: [['done']],
	changeOwner: [['done']],
	webhook: [['done'], ['failed']],
	enroll: [['done']],
	condition: [['case', 'hot'], ['case', 'new'], ['else']]
};

const delay: fc.Arbitrary<Delay> = fc.oneof(
	fc.record({
		amount: fc.integer({ min: 1, max: 99 }),
		unit: fc.constantFrom('minutes', 'hours', 'businessHours')
	}),
	fc.record({
		amount: fc.integer({ min: 1, max: 99 }),
		unit: fc.constantFrom('days', 'businessDays', 'weeks', 'months'),
		at: fc.constantFrom('09:30', '16:00')
	})
);

/** A valid draft: each action or condition hangs on a free response of an earlier one; some branches join or exit. */
export const validDraft: fc.Arbitrary<Draft> = fc
	.record({
		first: fc.constantFrom<BranchingKind>('email', 'task', 'call', 'whatsapp'),
		others: fc.array(fc.constantFrom(...(Object.keys(choices) as BranchingKind[])), { maxLength: 13 }),
		picks: fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 60 }),
		delays: fc.array(delay, { minLength: 60, maxLength: 60 })
	})
	.map(({ first, others, picks, delays }) => {
		const kinds = [first, ...others];
		const all: Record<string, Record<string, unknown>> = {};
		const edges: Edge[] = [['start', 'entry', 'a0', delays[0]]];
		const free = new Map<string, [ResponseKind, string?][]>();
		let next = 0;
		const pick = (size: number) => picks[next++ % picks.length]! % size;
		// GRA-10: a condition is left at once.
		const delayFrom = (id: string) =>
			all[id]!['kind'] === 'condition' ? immediately : delays[next % delays.length];
		kinds.forEach((kind, i) => {
			const id = `a${i}`;
			all[id] = nodes[kind](`Action ${i}`);
			if (i > 0) {
				const from = [...free.keys()].filter((key) => free.get(key)!.length);
				const source = from[pick(from.length)]!;
				const [response, parameter] = free.get(source)!.splice(pick(free.get(source)!.length), 1)[0]!;
				edges.push([source, response, id, delayFrom(source), parameter]);
			}
			free.set(id, [...choices[kind]]);
		});
		// Joins lead forward only; so the graph stays without cycles.
		for (let n = pick(4); n > 0 && kinds.length > 1; n--) {
			const at = pick(kinds.length - 1);
			const list = free.get(`a${at}`)!;
			if (!list.length) continue;
			const [response, parameter] = list.splice(pick(list.length), 1)[0]!;
			edges.push([
				`a${at}`,
				response,
				`a${at + 1 + pick(kinds.length - at - 1)}`,
				delayFrom(`a${at}`),
				parameter
			]);
		}
		const list = free.get(`a${kinds.length - 1}`)!;
		if (list.length && pick(2)) {
			const [response, parameter] = list[0]!;
			all['end'] = nodes.exit();
			const last = `a${kinds.length - 1}`;
			edges.push([last, response, 'end', delayFrom(last), parameter]);
		}
		return draftOf(all, edges);
	});

/** The same draft with the keys of every object in another order. */
export function shuffledKeys<T>(value: T): T {
	if (value === null || typeof value !== 'object') return value;
	if (Array.isArray(value)) return value.map(shuffledKeys) as T;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([key, part]) => [key, shuffledKeys(part)])
	) as T;
}
