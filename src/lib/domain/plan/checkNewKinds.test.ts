import { describe, expect, test } from 'vitest';
import { days, draftOf, type Edge } from '../../../../tests/support/draftOf.ts';
import { context, ids, nodes } from '../../../../tests/support/drafts.ts';
import type { Draft } from '../cadence/draft.ts';
import { immediately } from '../time/delay.ts';
import { fieldValueProblem, type FieldUpdate } from './checkFieldValue.ts';
import type { ContextField, PublishContext } from './publishContext.ts';
import { validateDraft } from './validateDraft.ts';
import { webhookHost, webhookUrlProblem } from './webhookUrl.ts';

const entry: Edge = ['start', 'entry', 'a'];
const one = (node: Record<string, unknown>) => draftOf({ a: node }, [entry]);
const found = (draft: Draft, over: Partial<PublishContext> = {}) =>
	validateDraft(draft, { ...context, ...over });
const codesOf = (draft: Draft, over: Partial<PublishContext> = {}) =>
	found(draft, over).map(({ code, at }) => `${code} ${JSON.stringify(Object.values(at))}`);
const gone = '00000000-0000-4000-8000-000000000099';
const inactive = [{ id: ids.user, name: 'Ada', active: false }];
const other = context.cadences[1]!;
const asking = (cases: unknown[], edges: Edge[] = []) =>
	draftOf({ m: nodes.task(), a: { kind: 'condition', cases }, b: nodes.task() }, [
		['start', 'entry', 'm'],
		['m', 'created', 'a'],
		['a', 'else', 'b'],
		...edges
	]);
const hot = { id: 'hot', label: 'Hot', criteria: { field: 'score', op: 'gte', value: 50 } };

describe('GRA-9: what is wrong with an extra action, where', () => {
	const cases: [string, Draft, Partial<PublishContext>?][] = [
		['updateField.field ["a","field"]', one({ kind: 'updateField' })],
		['updateField.field ["a","field"]', one({ kind: 'updateField', field: 'nope', value: 'x' })],
		['updateField.field ["a","field"]', one({ kind: 'updateField', field: 'owner', value: ids.user })],
		['updateField.field ["a","field"]', one({ kind: 'updateField', field: 'account', value: ids.user })],
		[
			'updateField.field ["a","field"]',
			one(nodes.updateField()),
			{ fields: [{ key: 'stage', label: 'Stage', type: 'picklist', options: ['Contacted'], readOnly: true }] }
		],
		[
			'updateField.field ["a","field"]',
			one(nodes.updateField()),
			{ fields: [{ key: 'stage', label: 'Stage', type: 'text', unique: true }] }
		],
		['updateField.value ["a","value"]', one({ ...nodes.updateField(), value: 'Lost' })],
		['updateField.value ["a","value"]', one({ kind: 'updateField', field: 'score', value: '7' })],
		[
			'updateField.value ["a","value"]',
			one({ ...nodes.updateField(), value: ids.user }),
			{ fields: [{ key: 'stage', label: 'Stage', type: 'user' }], users: inactive }
		],
		[
			'text.mergeFields ["a","value"]',
			one({ kind: 'updateField', field: 'lastName', value: '{{lead.nope}}' })
		],
		['tags.empty ["a","add"]', one({ kind: 'tags' })],
		['tags.conflict ["a","remove"]', one({ kind: 'tags', add: ['Hot'], remove: ['cold', 'hot'] })],
		['changeOwner.owner ["a","owner"]', one({ kind: 'changeOwner' })],
		['changeOwner.owner ["a","owner"]', one({ kind: 'changeOwner', owner: { kind: 'recordOwner' } })],
		['changeOwner.owner ["a","owner"]', one(nodes.changeOwner()), { users: inactive }],
		['changeOwner.owner ["a","owner"]', one({ kind: 'changeOwner', owner: { kind: 'user', userId: gone } })],
		[
			'changeOwner.owner ["a","owner"]',
			one({ kind: 'changeOwner', owner: { kind: 'roundRobin', userIds: [] } })
		],
		[
			'changeOwner.owner ["a","owner"]',
			one({
				kind: 'changeOwner',
				owner: { kind: 'roundRobin', userIds: [ids.user], fallbackUserId: gone }
			})
		],
		['task.owner ["a","owner"]', one({ ...nodes.task(), owner: { kind: 'roundRobin', userIds: [] } })],
		[
			'call.owner ["a","owner"]',
			one({ ...nodes.call(), owner: { kind: 'roundRobin', userIds: [ids.user, gone] } })
		],
		[
			'call.owner ["a","owner"]',
			one({ ...nodes.call(), owner: { kind: 'roundRobin', userIds: [ids.user] } }),
			{ users: inactive }
		],
		['webhook.url ["a","url"]', one({ kind: 'webhook' })],
		['webhook.url ["a","url"]', one({ kind: 'webhook', url: 'https://10.0.0.1/x' })],
		['enroll.cadence ["a","cadenceId"]', one({ kind: 'enroll' })],
		['enroll.cadence ["a","cadenceId"]', one({ kind: 'enroll', cadenceId: gone })],
		['enroll.cadence ["a","cadenceId"]', one({ kind: 'enroll', cadenceId: ids.cadence })],
		['enroll.cadence ["a","cadenceId"]', one(nodes.enroll()), { cadences: [{ ...other, state: 'draft' }] }],
		[
			'enroll.cadence ["a","cadenceId"]',
			one(nodes.enroll()),
			{ cadences: [{ ...other, enrollmentKind: 'view' }] }
		],
		[
			'email.template ["a","variants.b"]',
			one({ ...nodes.email(), variants: [{ id: 'b', templateId: null, weight: 50 }] })
		],
		[
			'email.variants ["a","variants.b"]',
			one({ ...nodes.email(), variants: [{ id: 'b', templateId: ids.template, weight: 50 }] })
		],
		[
			'email.variants ["a","variants.b"]',
			one({
				...nodes.email(),
				variants: [
					{ id: 'b', templateId: ids.second, weight: 50 },
					{ id: 'b', templateId: ids.second, weight: 50 }
				]
			})
		],
		[
			'email.variants ["a","variants.a"]',
			one({ ...nodes.email(), variants: [{ id: 'a', templateId: ids.second, weight: 50 }] })
		],
		[
			'email.reviewer ["a","reviewer"]',
			one({ ...nodes.email(), review: true, reviewer: { kind: 'user', userId: gone } })
		],
		['condition.noCase ["a","cases"]', asking([])],
		['condition.criteria ["a","cases.hot"]', asking([{ ...hot, criteria: null }])],
		['condition.criteria ["a","cases.hot"]', asking([{ ...hot, criteria: { all: [] } }])],
		[
			'condition.criteria ["a","cases.hot"]',
			asking([{ ...hot, criteria: { field: 'nope', op: 'is', value: 'x' } }])
		],
		[
			'condition.criteria ["a","cases.hot"]',
			asking([{ ...hot, criteria: { field: 'owner', op: 'currentUser' } }])
		],
		['condition.case ["a","cases.hot"]', asking([hot, hot])],
		['branch.parameter ["a/case/cold"]', asking([hot], [['a', 'case', 'b', immediately, 'cold']])],
		['branch.parameter ["a/case"]', asking([hot], [['a', 'case', 'b']])],
		['branch.response ["a/done"]', asking([hot], [['a', 'done', 'b']])],
		['condition.delay ["a/case/hot"]', asking([hot], [['a', 'case', 'b', days(1), 'hot']])],
		[
			'condition.delay ["a/case/hot"]',
			asking([hot], [['a', 'case', 'b', { ...immediately, weekdays: [1] }, 'hot']])
		],
		[
			'condition.delay ["a/case/hot"]',
			asking([hot], [['a', 'case', 'b', { ...immediately, window: { from: '09:00', to: '10:00' } }, 'hot']])
		],
		['graph.noAction [true]', draftOf({ a: nodes.condition() }, [entry])],
		[
			'branch.response ["a/failed"]',
			draftOf({ a: nodes.tags(), b: nodes.task() }, [entry, ['a', 'failed', 'b']])
		]
	];
	test.each(cases)('%s', (expected, draft, over = {}) => {
		const violations = found(draft, over);
		const at = codesOf(draft, over).indexOf(expected);
		expect(at, codesOf(draft, over).join('\n')).toBeGreaterThanOrEqual(0);
		expect(violations[at]!.severity).toBe('error');
		expect(violations[at]!.message).toMatch(/^[A-Z"{].*[.!?]$/);
	});

	test('GRA-8: every kind with all it needs has no problem', () => {
		for (const node of [
			nodes.updateField(),
			{ kind: 'updateField', field: 'lastName', value: 'Dr. {{lead.lastName}}' },
			{ kind: 'updateField', field: 'stage', value: null },
			nodes.tags(),
			{ kind: 'tags', remove: ['cold'] },
			nodes.changeOwner(),
			{ kind: 'changeOwner', owner: { kind: 'roundRobin', userIds: [ids.user] } },
			nodes.webhook(),
			nodes.enroll(),
			{
				...nodes.email(),
				weight: 70,
				variants: [{ id: 'b', templateId: ids.second, weight: 30 }],
				review: true
			},
			{ ...nodes.email(), review: false, reviewer: { kind: 'user', userId: gone } }
		])
			expect(codesOf(one(node)), JSON.stringify(node)).toEqual([]);
	});

	test('GRA-8: of those who take turns one active person is enough', () => {
		const users = [...context.users, { id: gone, name: 'Left', active: false }];
		const draft = one({ ...nodes.task(), owner: { kind: 'roundRobin', userIds: [gone, ids.user] } });
		expect(codesOf(draft, { users })).toEqual([]);
	});

	test('GRA-6: a link may be one of any variant', () => {
		const draft = draftOf(
			{
				a: {
					...nodes.email(),
					templateId: ids.second,
					variants: [{ id: 'b', templateId: ids.template, weight: 9 }]
				},
				b: nodes.task()
			},
			[entry, ['a', 'sent', 'b', days(1)], ['a', 'clicked', 'b', immediately, '0']]
		);
		expect(codesOf(draft)).toEqual([]);
		draft.edges['a/clicked/1'] = { ...draft.edges['a/clicked/0']!, parameter: '1' };
		expect(codesOf(draft)).toEqual(['branch.parameter ["a/clicked/1"]']);
	});
});

describe('GRA-9: warnings', () => {
	const severityOf = (draft: Draft, over: Partial<PublishContext> = {}) =>
		found(draft, over).map(({ code, severity, at }) => [code, severity, 'node' in at ? at.field : null]);

	test('GRA-8: an inactive cadence may be enrolled into, with a warning', () => {
		expect(severityOf(one(nodes.enroll()), { cadences: [{ ...other, state: 'inactive' }] })).toEqual([
			['enroll.inactive', 'warning', 'cadenceId']
		]);
	});

	test('GRA-8: cadences that enroll each other in a ring are a warning that names them', () => {
		const third = { ...other, id: gone, name: 'Third', enrolls: [ids.cadence] };
		const ring = { cadences: [{ ...other, enrolls: [other.id, gone] }, third] };
		expect(severityOf(one(nodes.enroll()), ring)).toEqual([['enroll.ring', 'warning', 'cadenceId']]);
		expect(found(one(nodes.enroll()), ring)[0]!.message).toContain('"Later", then "Third"');
		expect(
			codesOf(one(nodes.enroll()), {
				cadences: [
					{ ...other, enrolls: [gone] },
					{ ...third, enrolls: [] }
				]
			})
		).toEqual([]);
		expect(codesOf(one(nodes.enroll()), { ...ring, cadenceId: null })).toEqual([]);
	});

	test('GRA-10: a case that nothing follows ends the cadence, and so does else', () => {
		const draft = asking([hot, { ...hot, id: 'warm', label: '' }]);
		expect(severityOf(draft)).toEqual([
			['condition.openEnd', 'warning', 'cases.hot'],
			['condition.openEnd', 'warning', 'cases.warm']
		]);
		expect(found(draft)[1]!.message).toContain('"Case 2"');
		draft.edges['a/else']!.also = [{ response: 'case', parameter: 'hot' }];
		expect(severityOf(draft)).toEqual([['condition.openEnd', 'warning', 'cases.warm']]);
		delete draft.edges['a/else'];
		delete draft.nodes['b'];
		expect(severityOf(draft).map(([, , field]) => field)).toEqual(['cases.hot', 'cases.warm', 'else']);
	});

	test('GRA-9: nobody waits for ever at an extra action that goes on when done', () => {
		const draft = (response: 'done' | 'failed') =>
			draftOf({ a: nodes.webhook(), b: nodes.task() }, [entry, ['a', response, 'b']]);
		expect(codesOf(draft('done'))).toEqual([]);
		expect(codesOf(draft('failed'))).toEqual(['run.waitsForEver ["a"]']);
	});
});

test('LIM-4, GRA-10: extra actions count as actions, conditions do not', () => {
	const draft = draftOf({ a: nodes.tags(), b: nodes.condition(), c: nodes.webhook() }, [
		entry,
		['a', 'done', 'b'],
		['b', 'else', 'c'],
		['b', 'case', 'c', immediately, 'hot'],
		['b', 'case', 'c', immediately, 'new']
	]);
	expect(codesOf(draft, { actionLimit: 2 })).toEqual([]);
	expect(codesOf(draft, { actionLimit: 1 })).toEqual(['limit.actions [true]']);
});

test('CRM-3, GRA-9: a value fits the type of its field', () => {
	const field = (type: ContextField['type'], more: Partial<ContextField> = {}): ContextField => ({
		key: 'f',
		label: 'F',
		type,
		...more
	});
	const options = { options: ['A', 'B'] };
	const values: [ContextField, FieldUpdate[], FieldUpdate[]][] = [
		[field('text'), ['x', '{{lead.name}}', null], ['', ' ', 1, true, ['x'], 'x'.repeat(1001)]],
		[field('longText'), ['x'.repeat(5000)], [false]],
		[
			field('email'),
			['a@b.example'],
			['a@b', 'a b@c.example', 'a@b.example, c@d.example', '{{lead.email}}', 1]
		],
		[field('phone'), ['+49 151 23'], ['12', 'x', 123]],
		[
			field('url'),
			['https://a.example/x', 'a.example'],
			['ftp://a.example', 'a b.example', 'localhost', 'javascript:alert(1).x']
		],
		[field('number'), [0, -1.5], ['1', Number.NaN, Number.POSITIVE_INFINITY, true]],
		[field('percent'), [12], ['12 %']],
		[field('currency'), [12.3], ['$12']],
		[field('date'), ['2026-02-28'], ['2026-02-30', '28.2.2026', '2026-02-28T10:00:00Z', 20260228]],
		[
			field('dateTime'),
			['2026-02-28T10:00:00.000Z', '2026-02-28T10:00+02:00'],
			['2026-02-28', '2026-02-30T10:00:00Z', 'now']
		],
		[field('boolean'), [true, false], ['yes', 1]],
		[field('picklist', options), ['A'], ['a', 'C', ['A'], 1]],
		[field('multiPicklist', options), [['A', 'B']], ['A', [], ['A', 'C']]],
		[field('user'), [ids.user], ['Ada', 1]],
		[field('text', { required: true }), ['x'], [null]]
	];
	for (const [one, right, wrong] of values) {
		for (const value of right)
			expect(fieldValueProblem(one, value), `${one.type} ${JSON.stringify(value)}`).toBeNull();
		for (const value of wrong)
			expect(fieldValueProblem(one, value), `${one.type} ${JSON.stringify(value)}`).toMatch(/\.$/);
	}
});

test('GRA-8: a webhook goes to a public web address without credentials', () => {
	for (const url of [
		'https://hooks.example.com/in?x=1',
		'http://example.com:8080',
		' https://example.com ',
		'https://8.8.8.8/',
		'https://172.32.0.1/',
		'https://100.128.0.1',
		'https://169.253.0.1',
		'https://198.20.0.1',
		'https://192.1.0.1',
		'https://[2606:4700::1111]/x'
	])
		expect(webhookUrlProblem(url), url).toBeNull();
	for (const url of [
		'',
		'example.com/x',
		'ftp://example.com',
		'file:///etc/passwd',
		'https://',
		'https://a b.example',
		'https://user@example.com',
		'https://:secret@example.com',
		'https://example.com/{{lead.email}}',
		'http://127.0.0.1',
		'http://127.1',
		'http://2130706433',
		'http://0x7f.1',
		'http://0.0.0.0',
		'http://10.1.2.3',
		'http://100.64.0.1',
		'http://100.127.0.1',
		'http://169.254.169.254/latest',
		'http://172.16.0.1',
		'http://172.31.0.1',
		'http://192.168.0.1',
		'http://192.0.0.8',
		'http://198.18.0.1',
		'http://198.19.0.1',
		'http://224.0.0.1',
		'http://255.255.255.255',
		'http://[::1]',
		'http://[::ffff:10.0.0.1]',
		'http://[fe80::1]',
		'http://[fd00::1]',
		'http://[2002:7f00:1::]',
		'http://[64:ff9b::7f00:1]',
		'http://[2::1]'
	])
		expect(webhookUrlProblem(url), url).toMatch(/\.$/);
	// Where the operator lets webhooks into the own network, its addresses are as good as any; the rest is wrong as ever.
	for (const url of ['http://127.0.0.1:8080/in', 'http://192.168.0.1', 'http://[fd00::1]'])
		expect(webhookUrlProblem(url, true), url).toBeNull();
	for (const url of ['ftp://10.0.0.1', 'http://user@10.0.0.1', 'http://10.0.0.1/{{lead.email}}'])
		expect(webhookUrlProblem(url, true), url).toMatch(/\.$/);
	expect(webhookHost('https://hooks.example.com:8443/in')).toBe('hooks.example.com:8443');
	expect(webhookHost('nonsense')).toBeNull();
});
