import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { days, draftOf } from '../../../../tests/support/draftOf.ts';
import { context, nodes, shuffledKeys, validDraft } from '../../../../tests/support/drafts.ts';
import type { Draft } from '../cadence/draft.ts';
import { branchKey } from '../cadence/responses.ts';
import { canonicalJson } from './canonicalJson.ts';
import { compilePlan } from './compilePlan.ts';
import { diffDrafts, hasChanges } from './diffDrafts.ts';
import { diffPlans } from './diffPlans.ts';
import { immediately } from '../time/delay.ts';
import { isAction } from '../enrollment/branches.ts';
import type { Plan } from './plan.ts';

const planOf = (draft: Draft): Plan => {
	const result = compilePlan(draft, context);
	if ('violations' in result) throw new Error(result.violations.map((one) => one.message).join('\n'));
	return result.plan;
};
/** What leads on from a node, with the key of its branch: branches of an action, cases of a condition. */
const waysFrom = (plan: Plan, id: string): { key: string; target: string }[] => {
	const node = plan.nodes[id];
	if (node?.kind === 'condition')
		return [
			...node.cases.map((one) => ({ key: branchKey(id, { response: 'case', parameter: one.id }), ...one })),
			{ key: branchKey(id, { response: 'else' }), ...node.otherwise }
		].flatMap(({ key, target }) => (target === null ? [] : [{ key, target }]));
	return branchesOf(plan, id).map((branch) => ({ key: branch.id, target: branch.target }));
};
const branchesOf = (plan: Plan, id: string) => {
	const node = plan.nodes[id];
	return node && isAction(node) ? node.branches : [];
};

describe('compilePlan', () => {
	test('VER-2: every valid draft compiles, the same way whatever the order of its keys', () => {
		fc.assert(
			fc.property(validDraft, (draft) => {
				const plan = planOf(draft);
				expect(canonicalJson(planOf(shuffledKeys(draft)))).toBe(canonicalJson(plan));
				expect(JSON.stringify(planOf(draft))).toBe(JSON.stringify(plan));
				const ids = Object.keys(plan.nodes).flatMap((id) => waysFrom(plan, id).map(({ key }) => key));
				expect([plan.entry.id, ...ids].sort()).toEqual(Object.keys(draft.edges).sort());
			}),
			{ numRuns: 200 }
		);
	});

	test('GRA-4, GRA-10: the follow-up number is the longest path from the start, conditions not counted', () => {
		fc.assert(
			fc.property(validDraft, (draft) => {
				const plan = planOf(draft);
				expect(plan.nodes[plan.entry.target]?.followUp).toBeGreaterThanOrEqual(1);
				for (const [id, node] of Object.entries(plan.nodes)) {
					const into = Object.entries(plan.nodes).filter(([source]) =>
						waysFrom(plan, source).some(({ target }) => target === id)
					);
					const longest = Math.max(0, ...into.map(([, source]) => source.followUp));
					expect(node.followUp).toBe(node.kind === 'condition' ? longest : longest + 1);
				}
			}),
			{ numRuns: 100 }
		);
	});

	test('GRA-7: exit, bounced, unsubscribed, replied, clicked, opened, sent, negative; then the branch id', () => {
		const plan = planOf(
			draftOf({ mail: nodes.email(), next: nodes.task(), end: nodes.exit() }, [
				['start', 'entry', 'mail'],
				['mail', 'sent', 'next', days(3)],
				['mail', 'notOpened', 'next', days(3)],
				['mail', 'clicked', 'next'],
				['mail', 'clicked', 'next', days(1), '0'],
				['mail', 'opened', 'next'],
				['mail', 'bounced', 'next', days(1), 'soft'],
				['mail', 'unsubscribed', 'end'],
				['mail', 'replied', 'next']
			])
		);
		expect(branchesOf(plan, 'mail').map(({ id, rank }) => [rank, id])).toEqual([
			[0, 'mail/unsubscribed'],
			[1, 'mail/bounced/soft'],
			[2, 'mail/replied'],
			[3, 'mail/clicked/0'],
			[4, 'mail/clicked'],
			[5, 'mail/opened'],
			[6, 'mail/sent'],
			[7, 'mail/notOpened']
		]);
		expect(
			branchesOf(plan, 'mail')
				.filter((branch) => branch.negative)
				.map((branch) => branch.id)
		).toEqual(['mail/notOpened']);
	});

	test('GRA-10: a case knows where it leads, also when a branch lists it as a further one', () => {
		const draft = draftOf({ mail: nodes.email(), ask: nodes.condition(), next: nodes.task() }, [
			['start', 'entry', 'mail'],
			['mail', 'sent', 'ask', days(1)],
			['ask', 'case', 'next', immediately, 'hot']
		]);
		const targets = (plan: Plan) => {
			const ask = plan.nodes['ask']!;
			if (ask.kind !== 'condition') throw new Error('It is no condition.');
			return [...ask.cases.map(({ id, target }) => [id, target]), ['else', ask.otherwise.target]];
		};
		expect(targets(planOf(draft))).toEqual([
			['hot', 'next'],
			['new', null],
			['else', null]
		]);
		draft.edges['ask/case/hot']!.also = [{ response: 'else' }];
		expect(targets(planOf(draft))).toEqual([
			['hot', 'next'],
			['new', null],
			['else', 'next']
		]);
	});

	test('VER-4: position and notes change no byte of the plan; ids of branches stay over versions', () => {
		fc.assert(
			fc.property(validDraft, fc.integer(), (draft, x) => {
				const moved = structuredClone(draft);
				for (const node of Object.values(moved.nodes))
					Object.assign(node, { position: [x, -x], notes: `n${x}` });
				expect(canonicalJson(planOf(moved))).toBe(canonicalJson(planOf(draft)));
				expect(hasChanges(diffDrafts(draft, moved))).toBe(false);
			}),
			{ numRuns: 50 }
		);
	});
});

describe('differences', () => {
	const edges: Parameters<typeof draftOf>[1] = [
		['start', 'entry', 'mail'],
		['mail', 'sent', 'look', days(2)],
		['mail', 'replied', 'ring']
	];
	const draft = draftOf({ mail: nodes.email('A'), look: nodes.task(), ring: nodes.call() }, edges);

	test('VER-6: added, changed and removed by stable id', () => {
		const next = structuredClone(draft);
		next.nodes['ring'] = { ...next.nodes['ring']!, title: 'Ring twice' };
		delete next.nodes['look'];
		delete next.edges['mail/sent'];
		next.edges['mail/replied']!.delay = days(4);
		next.settings.unenroll.leavesView = true;
		next.settings.endAfterDays = 3;
		expect(diffDrafts(draft, next)).toEqual({
			nodes: {
				added: [],
				removed: [{ id: 'look', kind: 'task', title: '' }],
				changed: [{ id: 'ring', kind: 'call', title: 'Ring twice', fields: ['title'] }]
			},
			branches: { added: [], removed: ['mail/sent'], changed: ['mail/replied'] },
			settings: ['unenroll.leavesView', 'endAfterDays'].sort((a, b) =>
				a === 'endAfterDays' ? -1 : b ? 1 : 0
			)
		});
		expect(diffDrafts(null, draft).nodes.added).toHaveLength(4);
	});

	test('VER-4: a title is no edit of a running plan; a setting, a delay or a removal is', () => {
		const next = structuredClone(draft);
		next.nodes['mail'] = { ...next.nodes['mail']!, title: 'B' };
		next.nodes['look'] = { ...next.nodes['look']!, subject: 'Other' } as Draft['nodes'][string];
		delete next.nodes['ring'];
		delete next.edges['mail/replied'];
		next.edges['mail/sent']!.delay = days(3);
		const changes = diffPlans(planOf(draft), planOf(next));
		expect([...changes.changed]).toEqual(['look']);
		expect([...changes.removed]).toEqual(['ring']);
		expect([...changes.branches].sort()).toEqual(['mail/replied', 'mail/sent']);
	});
});
