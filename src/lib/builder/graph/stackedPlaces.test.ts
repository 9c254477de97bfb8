import { expect, test } from 'vitest';
import { mainJobDraft } from '../fixtures/mainJob.ts';
import { stackedPlaces } from './stackedPlaces.ts';

test('GRA-2: a left-over that lies where another step lies is shown beside it, the connected one stays', () => {
	const draft = mainJobDraft();
	expect(stackedPlaces(draft).size).toBe(0);
	const [first] = Object.values(draft.edges);
	const covered = draft.nodes[first!.target]!;
	for (const id of ['0-before', 'zz-after']) draft.nodes[id] = { ...covered, id } as typeof covered;
	const [x, y] = covered.position;
	expect([...stackedPlaces(draft)]).toEqual([
		['0-before', [x + 40, y + 40]],
		['zz-after', [x + 80, y + 80]]
	]);
	const below = Object.values(draft.edges).find(({ source }) => source === covered.id)!.target;
	const aligned = { ...draft.nodes[below]!, position: covered.position } as typeof covered;
	const byHand = { ...mainJobDraft(), nodes: { ...mainJobDraft().nodes, [below]: aligned } };
	expect(stackedPlaces(byHand).size).toBe(0);
	const turned = { ...draft, nodes: Object.fromEntries(Object.entries(draft.nodes).reverse()) };
	expect([...stackedPlaces(turned)]).toEqual([...stackedPlaces(draft)]);
});
