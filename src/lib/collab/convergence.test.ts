import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { mergePairs } from '../../../tests/faults/Y17/mergePairs.ts';
import {
	makeMove,
	meetAll,
	moveArbitrary,
	pull,
	replicas,
	viewOf
} from '../../../tests/support/draftMoves.ts';
import { projectDraft } from './document.ts';
import { addAction } from './edits/addAction.ts';
import { addBranch } from './edits/addBranch.ts';

/** Which pairs of replicas meet after an edit, in what order and how often. */
const syncArbitrary = fc.array(fc.record({ from: fc.nat(4), to: fc.nat(4) }), { maxLength: 3 });

/** Every replica reads the same draft, and so does a new one that starts from stored bytes. */
function expectSame(docs: Y.Doc[]): Draft {
	const [first, ...rest] = docs.map(viewOf);
	for (const other of rest) expect(other).toBe(first);
	const reloaded = new Y.Doc();
	Y.applyUpdate(reloaded, Y.encodeStateAsUpdate(docs[0]!));
	expect(viewOf(reloaded)).toBe(first);
	return projectDraft(docs[0]!).draft;
}

describe('merging', () => {
	test('Y2: five people, offline and out of order, end with one and the same draft', () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(moveArbitrary, syncArbitrary), { minLength: 20, maxLength: 80 }),
				(steps) => {
					const docs = replicas(5);
					for (const [op, meetings] of steps) {
						makeMove(docs[op.who]!, op);
						for (const { from, to } of meetings) if (from !== to) pull(docs[from]!, docs[to]!);
					}
					meetAll(docs);
					expectSame(docs);
				}
			),
			{ numRuns: 40 }
		);
	}, 20_000);

	test('Y17: any two edits made at once merge to the same draft, in either order', () => {
		fc.assert(
			fc.property(
				fc.array(moveArbitrary, { minLength: 3, maxLength: 10 }),
				moveArbitrary,
				moveArbitrary,
				(before, one, two) => {
					const [a, b, c] = replicas(3) as [Y.Doc, Y.Doc, Y.Doc];
					for (const op of before) makeMove(a, op);
					pull(a, b);
					makeMove(a, one);
					makeMove(b, two);
					pull(b, c);
					pull(a, c);
					meetAll([a, b, c]);
					const { edges } = expectSame([a, b, c]);
					// GRA-2: one branch per response by construction, whatever was merged.
					const used = Object.values(edges).map(
						(edge) => `${edge.source} ${edge.response} ${edge.parameter}`
					);
					expect(new Set(used).size).toBe(used.length);
				}
			),
			{ numRuns: 300 }
		);
	}, 20_000);

	test('Y17: two edits of a valid draft made at once merge to one verdict, and no invalid plan is compiled', () => {
		const { differentVerdicts, invalidPlans, compiled, refused } = mergePairs(150, 17);
		expect({ differentVerdicts, invalidPlans }).toEqual({ differentVerdicts: 0, invalidPlans: [] });
		expect(Math.min(compiled, refused)).toBeGreaterThan(10);
	}, 20_000);

	test('Y17: the same branch added twice leaves one edge and a visible left-over node', () => {
		const [a, b] = replicas(2) as [Y.Doc, Y.Doc];
		const from = { source: 'start', response: 'entry' };
		const mine = addAction(a, { node: { kind: 'email', position: [0, 0], title: 'Mine' }, from });
		const theirs = addAction(b, { node: { kind: 'call', position: [0, 0], agenda: 'Theirs' }, from });
		meetAll([a, b]);
		const { nodes, edges } = expectSame([a, b]);
		expect(Object.keys(edges)).toEqual(['start/entry']);
		expect([mine.id, theirs.id]).toContain(edges['start/entry']!.target);
		expect(nodes[mine.id]).toMatchObject({ title: 'Mine' });
		expect(nodes[theirs.id]).toMatchObject({ agenda: 'Theirs' });
	});

	test('Y17: a cycle that arises from a merge stays readable, and both see it', () => {
		const [a, b] = replicas(2) as [Y.Doc, Y.Doc];
		const one = addAction(a, { node: { kind: 'email', position: [0, 0] } }).id;
		const two = addAction(a, { node: { kind: 'email', position: [0, 0] } }).id;
		meetAll([a, b]);
		addBranch(a, { from: { source: one, response: 'sent' }, target: two });
		addBranch(b, { from: { source: two, response: 'sent' }, target: one });
		meetAll([a, b]);
		const { edges } = expectSame([a, b]);
		expect(edges[`${one}/sent`]!.target).toBe(two);
		expect(edges[`${two}/sent`]!.target).toBe(one);
	});
});
