import fc from 'fast-check';
import { emptyDraft, type DraftSettings } from '../../src/lib/domain/cadence/draft.ts';
import { branchKey, type ResponseRef } from '../../src/lib/domain/cadence/responses.ts';
import type {
	Plan,
	PlanAction,
	PlanBranch,
	PlanCondition,
	PlanNode
} from '../../src/lib/domain/plan/plan.ts';
import type { Delay } from '../../src/lib/domain/time/delay.ts';
import { criteria, targetsOf } from './conditions.ts';
import { placeOf } from './order.ts';

/** Names that stand for ids of the world a journey is played in. */
export const names = {
	template: '#template',
	goneTemplate: '#gone',
	whatsapp: '#whatsapp',
	idle: '#idle',
	second: '#second',
	third: '#third',
	owner: '#owner'
} as const;
const otherCadences = ['#plain', '#plain', '#strict', '#strict', '#dated', '#off', '#audience'];

const channels = ['email', 'task', 'call', 'whatsapp'] as const;
type Channel = (typeof channels)[number];
const extras = ['updateField', 'tags', 'changeOwner', 'webhook', 'enroll'] as const;
type Kind = Channel | (typeof extras)[number];
const kinds: readonly Kind[] = [...channels, ...channels, ...extras];

const ref = (response: string, parameter?: string): ResponseRef =>
	({ response, ...(parameter !== undefined && { parameter }) }) as ResponseRef;

/** What branches can wait for. */
const branchRefs: Record<Kind, ResponseRef[]> = {
	updateField: [ref('done')],
	tags: [ref('done')],
	changeOwner: [ref('done')],
	enroll: [ref('done')],
	webhook: [ref('done'), ref('failed')],
	email: [
		ref('sent'),
		ref('opened'),
		ref('clicked'),
		ref('clicked', '1'),
		ref('replied'),
		ref('bounced'),
		ref('bounced', 'soft'),
		ref('unsubscribed'),
		ref('notOpened'),
		ref('notClicked'),
		ref('notReplied')
	],
	task: [
		ref('created'),
		ref('status', 'In progress'),
		ref('status', 'Waiting'),
		ref('status', 'Completed'),
		ref('overdue'),
		ref('notCompleted')
	],
	call: [
		ref('created'),
		ref('result', 'Interested'),
		ref('result', 'Busy'),
		ref('overdue'),
		ref('cancelled'),
		ref('notLogged')
	],
	whatsapp: [
		ref('sent'),
		ref('delivered'),
		ref('failed'),
		ref('read'),
		ref('replied'),
		ref('replied', 'Yes'),
		ref('notDelivered'),
		ref('notRead'),
		ref('notReplied')
	]
};

/** What can come back by itself. */
export const comingBack: Record<Channel, ResponseRef[]> = {
	email: [
		ref('opened'),
		ref('opened'),
		ref('clicked', '0'),
		ref('clicked', '1'),
		ref('replied'),
		ref('bounced', 'hard'),
		ref('bounced', 'soft'),
		ref('unsubscribed')
	],
	task: [ref('status', 'In progress'), ref('status', 'Waiting'), ref('status', 'Completed'), ref('overdue')],
	call: [ref('result', 'Interested'), ref('result', 'Busy'), ref('overdue'), ref('cancelled')],
	whatsapp: [ref('delivered'), ref('read'), ref('replied'), ref('replied', 'Yes'), ref('failed')]
};

const bare = fc.record({
	amount: fc.integer({ min: 1, max: 5 }),
	unit: fc.constantFrom(
		'minutes',
		'hours',
		'days',
		'days',
		'businessHours',
		'businessDays',
		'weeks',
		'months'
	)
});
export const delays: fc.Arbitrary<Delay> = fc.oneof(
	{ weight: 4, arbitrary: fc.constant<Delay>({ amount: 1, unit: 'immediately' }) },
	{ weight: 8, arbitrary: bare as fc.Arbitrary<Delay> },
	{
		weight: 2,
		arbitrary: fc
			.tuple(bare as fc.Arbitrary<Delay>, fc.constantFrom('09:00', '16:30'))
			.map(([base, at]) => (/minutes|hours|Hours/.test(base.unit) ? base : { ...base, at }))
	},
	{
		weight: 1,
		arbitrary: (bare as fc.Arbitrary<Delay>).map((base) => ({ ...base, weekdays: [1, 3, 4, 6] }))
	},
	{
		weight: 1,
		arbitrary: fc
			.tuple(
				bare as fc.Arbitrary<Delay>,
				fc.constantFrom({ from: '08:00', to: '18:30' }, { from: '22:00', to: '06:00' })
			)
			.map(([base, window]) => ({ ...base, window }))
	}
);

const negative = (one: ResponseRef) => one.response.startsWith('not');

/** Branches of one action: each response once; now and then one branch takes two of them. */
const branchesOf = (kind: Kind, id: string, targets: string[]): fc.Arbitrary<PlanBranch[]> =>
	fc
		.tuple(
			fc.subarray(branchRefs[kind], {
				minLength: kind in comingBack ? 0 : 1,
				maxLength: Math.min(5, branchRefs[kind].length)
			}),
			fc.array(fc.tuple(delays, fc.nat(targets.length - 1)), { minLength: 5, maxLength: 5 }),
			fc.nat(3)
		)
		.map(([refs, ways, merge]) => {
			const made: PlanBranch[] = [];
			for (const [n, one] of refs.entries()) {
				const [wait, target] = ways[n]!;
				const before = made.at(-1);
				if (merge === 0 && before && !before.negative && !negative(one)) {
					before.when.push(one);
					continue;
				}
				made.push({
					id: branchKey(id, one),
					when: [one],
					// GRA-11: N of "not within N" is never nothing.
					delay: negative(one) && wait.unit === 'immediately' ? { amount: 2, unit: 'hours' } : wait,
					target: targets[target]!,
					negative: negative(one),
					rank: 0
				});
			}
			return made;
		});

const owner = fc.constantFrom(
	{ kind: 'recordOwner' as const },
	{ kind: 'recordOwner' as const },
	{ kind: 'user' as const, userId: names.idle },
	{ kind: 'user' as const, userId: names.idle, fallbackUserId: names.second },
	{ kind: 'roundRobin' as const, userIds: [names.owner, names.idle, names.second] },
	{ kind: 'roundRobin' as const, userIds: [names.second, names.owner, names.third] },
	{ kind: 'roundRobin' as const, userIds: [names.idle] },
	{ kind: 'roundRobin' as const, userIds: [names.idle], fallbackUserId: names.owner }
);
const due = fc.record({
	amount: fc.nat(3),
	unit: fc.constantFrom('days' as const, 'businessDays' as const),
	at: fc.constantFrom('10:00', '17:00')
});

/** GRA-8: what an action writes into a field; some of it cannot be written. */
const updates = fc.constantFrom<{ field: string; value: string | number | null }>(
	{ field: 'leadStatus', value: 'Contacted' },
	{ field: 'leadStatus', value: 'Qualified' },
	{ field: 'leadStatus', value: 'New' },
	{ field: 'leadSource', value: 'Referral' },
	{ field: 'leadSource', value: 'Web Form' },
	{ field: 'rating', value: 'Hot' },
	{ field: 'rating', value: null },
	{ field: 'employees', value: 51 },
	{ field: 'phone', value: null },
	{ field: 'rating', value: 'Boiling' },
	{ field: 'nothing', value: 'x' }
);
const tagChanges = fc.tuple(fc.subarray(['vip', 'late']), fc.boolean()).map(([add, both]) => ({
	add,
	remove: both ? ['vip', 'late', 'other'].filter((tag) => !add.includes(tag)) : []
}));

const configOf: Record<Kind, fc.Arbitrary<unknown>> = {
	updateField: updates,
	tags: tagChanges,
	changeOwner: fc
		.constantFrom(
			...[names.second, names.second, names.owner, names.idle].map((userId) => ({ kind: 'user', userId })),
			{ kind: 'roundRobin', userIds: [names.third, names.idle, names.owner] }
		)
		.map((owner) => ({ owner })),
	enroll: fc.constantFrom(...otherCadences).map((cadenceId) => ({ cadenceId })),
	webhook: fc.constantFrom('https://a.example/in', 'https://b.example/in').map((url) => ({ url })),
	email: fc
		.constantFrom(names.template, names.template, names.template, names.template, names.goneTemplate)
		.chain((templateId) => fc.tuple(fc.constant(templateId), fc.nat(3)))
		.map(([templateId, test]) => ({
			templateId,
			...(test === 0 &&
				templateId === names.template && { weight: 40, variants: [{ id: 'b', templateId, weight: 60 }] }),
			sender: { kind: 'recordOwner' },
			replyTo: '',
			recipient: 'email',
			threaded: false
		})),
	task: fc.record({
		subject: fc.constant('Look'),
		description: fc.constant(''),
		due,
		priority: fc.constant('Normal'),
		owner,
		reminder: fc.constant(null)
	}),
	call: fc.record({
		subject: fc.constant('Ring'),
		agenda: fc.constant(''),
		start: due,
		owner,
		recipient: fc.constant('phone'),
		reminder: fc.constant(null)
	}),
	whatsapp: fc.constant({ templateId: names.whatsapp, recipient: 'phone', variables: {} })
};

/** GRA-4, GRA-10: longest path, without conditions. Nodes are in order, so what leads to one stands before it. */
export function numberFollowUps(nodes: PlanNode[]): void {
	for (const [n, node] of nodes.entries()) {
		const before = nodes.slice(0, n).filter((one) => targetsOf(one).includes(node.id));
		const own = node.kind === 'condition' ? 0 : 1;
		node.followUp = Math.max(n === 0 ? own : 0, ...before.map((one) => one.followUp + own));
	}
}

/** GRA-7: the place of each branch among those that are due together. */
export function numberBranches(nodes: Plan['nodes']): void {
	for (const node of Object.values(nodes)) {
		if (!('branches' in node)) continue;
		const place = (one: PlanBranch) => placeOf(one, nodes[one.target]!.kind);
		node.branches.sort((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1));
		for (const [rank, branch] of node.branches.entries()) branch.rank = rank;
	}
}

/** Now and then a case or else leads nowhere. */
const caseTarget = (targets: string[]): fc.Arbitrary<string | null> =>
	fc.oneof(
		{ weight: 7, arbitrary: fc.constantFrom<string | null>(...targets) },
		{ weight: 1, arbitrary: fc.constant(null) }
	);

const conditionOf = (id: string, targets: string[]): fc.Arbitrary<PlanCondition> =>
	fc
		.record({
			cases: fc.array(fc.record({ criteria, target: caseTarget(targets) }), { minLength: 1, maxLength: 3 }),
			otherwise: caseTarget(targets)
		})
		.map(({ cases, otherwise }) => ({
			kind: 'condition',
			id,
			followUp: 0,
			title: id,
			cases: cases.map((one, n) => ({ id: `k${n}`, label: `Case ${n}`, ...one })),
			otherwise: { target: otherwise }
		}));

/** Actions `a0`.. and conditions `c1`.., each leading to later ones only. */
const nodesOf = (parts: readonly ('a' | 'c')[]): fc.Arbitrary<PlanNode[]> => {
	const ids = [...parts.map((kind, n) => `${kind}${n}`), 'goal', 'out'];
	const made = parts.map((part, n): fc.Arbitrary<PlanNode> => {
		const id = ids[n]!;
		if (part === 'c') return conditionOf(id, ids.slice(n + 1));
		return fc
			.constantFrom(...kinds)
			.chain((kind) =>
				fc
					.tuple(configOf[kind], branchesOf(kind, id, ids.slice(n + 1)))
					.map(([config, branches]) => ({ kind, id, followUp: 0, title: id, config, branches }) as PlanAction)
			);
	});
	return fc.tuple(...made).map((list) => {
		const nodes: PlanNode[] = [
			...list,
			{ kind: 'exit', id: 'goal', followUp: 0, reason: '', goal: true },
			{ kind: 'exit', id: 'out', followUp: 0, reason: 'Enough', goal: false }
		];
		numberFollowUps(nodes);
		numberBranches(Object.fromEntries(nodes.map((node) => [node.id, node])));
		return nodes;
	});
};

/** UNE-1 (c) and (a) of the journeys. */
export const leavingStatus = 'Contacted';
export const viewSource = 'Web Form';

const settings: fc.Arbitrary<DraftSettings> = fc
	.record({
		leavesView: fc.boolean(),
		criteria: fc.boolean(),
		outcomes: fc.oneof(
			{ weight: 3, arbitrary: fc.constant([]) },
			{
				weight: 2,
				arbitrary: fc.array(
					fc.constantFrom(
						{ channel: 'email', actionId: null, responses: [ref('clicked', '1'), ref('unsubscribed')] },
						{ channel: 'email', actionId: 'a0', responses: [ref('opened')] },
						{ channel: 'call', actionId: null, responses: [ref('result', 'Busy')] },
						{ channel: 'task', actionId: null, responses: [ref('status', 'Waiting')] },
						{ channel: 'whatsapp', actionId: 'a1', responses: [ref('replied')] },
						{ channel: 'whatsapp', actionId: null, responses: [ref('delivered')] }
					),
					{ minLength: 1, maxLength: 2 }
				)
			}
		),
		onDate: fc.constantFrom(null, null, null, null, null, null, null, '2026-10-24', '2026-11-09'),
		lateReply: fc.constantFrom('unenroll' as const, 'record' as const),
		endAfterDays: fc.constantFrom(null, null, 2, 10),
		window: fc.constantFrom(null, null, null, { from: '08:00', to: '18:30' }),
		weekdays: fc.constantFrom<number[] | null>(null, null, null, [1, 2, 3, 4])
	})
	.map(({ leavesView, onDate, criteria, outcomes, ...rest }): DraftSettings => ({
		...emptyDraft().settings,
		...rest,
		unenroll: {
			leavesView,
			onDate,
			criteria: criteria ? { field: 'leadStatus', op: 'is' as const, value: leavingStatus } : null,
			outcomes: outcomes as unknown as DraftSettings['unenroll']['outcomes']
		}
	}));

export const plans: fc.Arbitrary<Plan> = fc
	.tuple(
		fc
			.array(fc.constantFrom<'a' | 'c'>('a', 'a', 'a', 'c'), { minLength: 1, maxLength: 8 })
			.map((kinds) => (kinds.includes('a') ? kinds : [...kinds, 'a' as const]))
			.chain(nodesOf),
		settings,
		delays
	)
	.map(([nodes, chosen, entry]) => ({
		format: 1,
		module: 'leads',
		entry: { id: 'start/entry', target: nodes[0]!.id, delay: entry },
		nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
		settings: chosen
	}));
