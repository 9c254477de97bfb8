import { expect, test } from 'vitest';
import { Turns } from './roundRobin.ts';

test('GRA-8: somebody whom the list names twice has one turn, and whoever comes after has theirs', () => {
	const turns = new Turns([{ o: 'org', c: 'cadence', a: 'task', last: null, moved: false }]);
	const next = (list: string[]) => turns.next('cadence', 'task', list, () => true);
	const asked = Array.from({ length: 5 }, () => next(['ann', 'ann', 'bob']));
	expect(asked).toEqual(['ann', 'bob', 'ann', 'bob', 'ann']);
	expect([next(['bob', 'cid', 'bob', 'ann']), next(['bob', 'cid', 'bob', 'ann'])]).toEqual(['bob', 'cid']);
});
