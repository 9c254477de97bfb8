import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { days, draftOf, type Edge } from '../../../../tests/support/draftOf.ts';
import { context, ids, nodes, validDraft } from '../../../../tests/support/drafts.ts';
import type { Draft } from '../cadence/draft.ts';
import { immediately } from '../time/delay.ts';
import type { PublishContext } from './publishContext.ts';
import { hasErrors, validateDraft } from './validateDraft.ts';
import type { ViolationCode } from './violation.ts';

const codesOf = (draft: Draft, over: Partial<PublishContext> = {}) =>
	validateDraft(draft, { ...context, ...over }).map(
		({ code, at }) => `${code} ${JSON.stringify(Object.values(at))}`
	);
const entry: Edge = ['start', 'entry', 'a'];
const one = (node: Record<string, unknown>, settings: Record<string, unknown> = {}) =>
	draftOf({ a: node }, [entry], settings);
const pair = (edges: Edge[], a: Record<string, unknown> = nodes.email()) =>
	draftOf({ a, b: nodes.task() }, [entry, ...edges]);

describe('GRA-9: what is wrong, where', () => {
	const cases: [ViolationCode, string, Draft, Partial<PublishContext>?][] = [
		['graph.noAction', '[true]', draftOf({}, [])],
		['graph.entry', '["start"]', draftOf({ a: nodes.task() }, [])],
		['graph.unreachable', '["b"]', pair([])],
		['graph.danglingEdge', '["a/sent"]', pair([['a', 'sent', 'gone']])],
		['graph.intoStart', '["a/sent"]', pair([['a', 'sent', 'start']])],
		['limit.actions', '[true]', pair([['a', 'sent', 'b']]), { actionLimit: 1 }],
		['branch.response', '["a/result"]', pair([['a', 'result', 'b']])],
		['branch.parameter', '["a/result"]', pair([['a', 'result', 'b']], nodes.call())],
		[
			'branch.parameter',
			'["a/result/Gone"]',
			pair([['a', 'result', 'b', immediately, 'Gone']], nodes.call())
		],
		['branch.parameter', '["a/status/Odd"]', pair([['a', 'status', 'b', immediately, 'Odd']], nodes.task())],
		['branch.parameter', '["a/clicked/7"]', pair([['a', 'clicked', 'b', immediately, '7']])],
		[
			'branch.parameter',
			'["a/replied/No"]',
			pair([['a', 'replied', 'b', immediately, 'No']], nodes.whatsapp())
		],
		['branch.parameter', '["a/opened/x"]', pair([['a', 'opened', 'b', immediately, 'x']])],
		['delay.negative', '["a/notOpened"]', pair([['a', 'notOpened', 'b']])],
		['delay.timeOfDay', '["a/sent"]', pair([['a', 'sent', 'b', { amount: 2, unit: 'hours', at: '09:00' }]])],
		[
			'delay.neverFits',
			'["a/sent"]',
			pair([
				['a', 'sent', 'b', { amount: 1, unit: 'days', at: '20:00', window: { from: '09:00', to: '17:00' } }]
			])
		],
		[
			'delay.neverFits',
			'["a/sent"]',
			pair([['a', 'sent', 'b', { amount: 1, unit: 'businessDays', weekdays: [6, 7] }]])
		],
		[
			'channel.module',
			'["a"]',
			one(nodes.call()),
			{ module: { ...context.module, kind: 'custom', key: 'boats' } }
		],
		['channel.module', '["a"]', one(nodes.whatsapp()), { module: { ...context.module, key: 'deals' } }],
		['email.template', '["a","templateId"]', one({ ...nodes.email(), templateId: null })],
		['email.template', '["a","templateId"]', one(nodes.email()), { templates: [] }],
		[
			'email.template',
			'["a","templateId"]',
			one(nodes.email()),
			{ templates: [{ ...context.templates[0]!, moduleId: ids.user }] }
		],
		[
			'email.mergeFields',
			'["a","templateId"]',
			one(nodes.email()),
			{ templates: [{ ...context.templates[0]!, problems: ['no field'] }] }
		],
		['email.sender', '["a","sender"]', one({ ...nodes.email(), sender: null })],
		[
			'email.sender',
			'["a","sender"]',
			one(nodes.email()),
			{ senders: [{ ...context.senders[0]!, status: 'disabled' }] }
		],
		['email.recipient', '["a","recipient"]', one({ ...nodes.email(), recipient: null })],
		['email.recipient', '["a","recipient"]', one({ ...nodes.email(), recipient: 'phone' })],
		['email.recipient', '["a","recipient"]', one({ ...nodes.email(), recipient: 'account.email' })],
		['email.replyTo', '["a","replyTo"]', one({ ...nodes.email(), replyTo: 'a@b, c@d' })],
		['task.subject', '["a","subject"]', one({ ...nodes.task(), subject: ' ' })],
		['task.owner', '["a","owner"]', one({ ...nodes.task(), owner: { kind: 'user', userId: ids.view } })],
		[
			'task.owner',
			'["a","owner"]',
			one({ ...nodes.task(), owner: { kind: 'user', userId: ids.user } }),
			{ users: [{ id: ids.user, name: 'Ada', active: false }] }
		],
		['text.mergeFields', '["a","subject"]', one({ ...nodes.task(), subject: '{{lead.nope}}' })],
		['call.recipient', '["a","recipient"]', one({ ...nodes.call(), recipient: 'email' })],
		['whatsapp.account', '["a"]', one(nodes.whatsapp()), { whatsappConnected: false }],
		[
			'whatsapp.template',
			'["a","templateId"]',
			one(nodes.whatsapp()),
			{ whatsappTemplates: [{ ...context.whatsappTemplates[0]!, status: 'PENDING' }] }
		],
		['whatsapp.variables', '["a","variables.1"]', one({ ...nodes.whatsapp(), variables: {} })],
		['settings.view', '["viewId"]', one(nodes.task()), { enrollmentKind: 'view' }],
		['settings.view', '["viewId"]', one(nodes.task(), { viewId: ids.user }), { enrollmentKind: 'view' }],
		[
			'settings.view',
			'["viewId"]',
			one(nodes.task(), { viewId: ids.view }),
			{ enrollmentKind: 'view', views: [{ ...context.views[0]!, shared: false }] }
		],
		[
			'settings.view',
			'["viewId"]',
			one(nodes.task(), { viewId: ids.view }),
			{ enrollmentKind: 'view', views: [{ ...context.views[0]!, usesCurrentUser: true }] }
		],
		['settings.leavesView', '["unenroll.leavesView"]', one(nodes.task(), { unenroll: { leavesView: true } })],
		['settings.onDate', '["unenroll.onDate"]', one(nodes.task(), { unenroll: { onDate: '2026-05-31' } })],
		[
			'settings.criteria',
			'["unenroll.criteria"]',
			one(nodes.task(), { unenroll: { criteria: { field: 'nope', op: 'is', value: 'x' } } })
		],
		[
			'settings.outcomes',
			'["unenroll.outcomes.0"]',
			one(nodes.task(), {
				unenroll: {
					outcomes: [
						{ channel: 'call', actionId: null, responses: [{ response: 'result', parameter: 'Gone' }] }
					]
				}
			})
		],
		[
			'settings.outcomes',
			'["unenroll.outcomes.0"]',
			one(nodes.task(), {
				unenroll: { outcomes: [{ channel: 'call', actionId: 'a', responses: [{ response: 'overdue' }] }] }
			})
		]
	];
	test.each(cases)('%s at %s', (code, at, draft, over = {}) => {
		expect(codesOf(draft, over)).toContain(`${code} ${at}`);
		expect(hasErrors(validateDraft(draft, { ...context, ...over }))).toBe(true);
	});

	test('GRA-3: a cycle is an error on every edge of it and on no other', () => {
		const draft = draftOf({ a: nodes.email(), b: nodes.task(), c: nodes.task(), d: nodes.task() }, [
			entry,
			['a', 'sent', 'b'],
			['b', 'created', 'c'],
			['c', 'created', 'b'],
			['c', 'overdue', 'd']
		]);
		expect(
			codesOf(draft)
				.filter((text) => text.startsWith('graph.cycle'))
				.sort()
		).toEqual(['graph.cycle ["b/created"]', 'graph.cycle ["c/created"]']);
		expect(codesOf(pair([['a', 'sent', 'a']]))).toContain('graph.cycle ["a/sent"]');
	});

	test('GRA-2: a response listed again by another branch is used twice', () => {
		const draft = pair([
			['a', 'opened', 'b'],
			['a', 'clicked', 'b']
		]);
		draft.edges['a/opened']!.also = [{ response: 'clicked' }];
		expect(codesOf(draft)).toContain('branch.duplicate ["a/opened"]');
		draft.edges['a/opened']!.also = [{ response: 'clicked', parameter: '0' }];
		expect(hasErrors(validateDraft(draft, context))).toBe(false);
	});

	test('GRA-11: a negative response stands alone', () => {
		const draft = pair([['a', 'notOpened', 'b', days(2)]]);
		expect(hasErrors(validateDraft(draft, context))).toBe(false);
		draft.edges['a/notOpened']!.also = [{ response: 'bounced' }];
		expect(codesOf(draft)).toContain('branch.negativeMixed ["a/notOpened"]');
	});

	test('GRA-5: an amount outside 1-99 is an error, also when a document brings it', () => {
		const draft = pair([['a', 'sent', 'b', days(3)]]);
		for (const amount of [0, 100, 1.5, -1]) {
			draft.edges['a/sent']!.delay = { amount, unit: 'days' };
			expect(codesOf(draft)).toContain('delay.range ["a/sent"]');
		}
	});

	test('GRA-9: the missing unsubscribe link is a warning, and an error where the organization requires it', () => {
		const templates = [{ ...context.templates[0]!, hasUnsubscribeLink: false }];
		const found = (requireUnsubscribeBlock: boolean) =>
			validateDraft(one(nodes.email()), { ...context, templates, requireUnsubscribeBlock }).map(
				({ code, severity }) => [code, severity]
			);
		expect(found(false)).toEqual([['email.unsubscribeLink', 'warning']]);
		expect(found(true)).toEqual([['email.unsubscribeLink', 'error']]);
	});

	test('GRA-9: a run that can wait for ever is a warning', () => {
		expect(codesOf(pair([['a', 'opened', 'b']]))).toEqual(['run.waitsForEver ["a"]']);
		expect(
			codesOf(
				pair([
					['a', 'opened', 'b'],
					['a', 'notReplied', 'b', days(1)]
				])
			)
		).toEqual([]);
		const draft = pair([['a', 'opened', 'b']]);
		draft.settings.endAfterDays = 30;
		expect(codesOf(draft)).toEqual([]);
	});
});

test('GRA-9: every mutation that makes a valid draft invalid is found', () => {
	const mutations: ((draft: Draft) => boolean)[] = [
		(draft) => delete draft.edges['start/entry'],
		(draft) => delete draft.nodes['start'],
		(draft) => Boolean(Object.assign(draft.nodes['a0']!, { recipient: 'nope', subject: '' })),
		(draft) => Boolean((draft.nodes['lost'] = { ...structuredClone(draft.nodes['a0']!), id: 'lost' })),
		(draft) => {
			const [key] = Object.keys(draft.edges).filter((other) => other !== 'start/entry');
			if (!key) return false;
			draft.edges[key]!.target = 'a0';
			return true;
		},
		(draft) => Boolean((Object.values(draft.edges)[0]!.delay = { amount: 200, unit: 'days' })),
		(draft) => {
			const edge = Object.values(draft.edges).find((other) => other.source !== 'start');
			if (!edge) return false;
			edge.response = 'teleported';
			return true;
		},
		(draft) => Boolean((draft.settings.unenroll.onDate = '2020-01-01'))
	];
	fc.assert(
		fc.property(validDraft, fc.constantFrom(...mutations), (draft, mutate) => {
			expect(hasErrors(validateDraft(draft, context))).toBe(false);
			const changed = structuredClone(draft);
			if (!mutate(changed)) return;
			const found = validateDraft(changed, context);
			expect(hasErrors(found)).toBe(true);
			for (const { message } of found) expect(message).toMatch(/[.!?]$/);
		}),
		{ numRuns: 300 }
	);
});

test('GRA-9: 500 actions are validated in a few milliseconds', () => {
	const all: Record<string, Record<string, unknown>> = {};
	const edges: Edge[] = [['start', 'entry', 'n0']];
	for (let i = 0; i < 500; i++) {
		all[`n${i}`] = nodes.email(`Mail ${i}`);
		if (i > 0) edges.push([`n${Math.floor((i - 1) / 2)}`, i % 2 ? 'sent' : 'opened', `n${i}`, days(1)]);
	}
	const draft = draftOf(all, edges);
	for (let i = 0; i < 5; i++) validateDraft(draft, context);
	const times = Array.from({ length: 9 }, () => {
		const began = performance.now();
		expect(hasErrors(validateDraft(draft, context))).toBe(false);
		return performance.now() - began;
	}).sort((a, b) => a - b);
	expect(times[0]).toBeLessThan(10);
});
