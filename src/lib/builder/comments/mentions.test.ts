import { expect, test } from 'vitest';
import { insertMention, matchPeople, mentionedIn, mentionQuery, split } from './mentions.ts';

const people = [
	{ id: 'a', name: 'Ann' },
	{ id: 'l', name: 'Ann Lee' },
	{ id: 'm', name: 'Marcus Reyes' }
];

test('COL-3: typing @ and a part of a name finds the person; an address is none', () => {
	expect(mentionQuery('Hi @mar', 7)).toEqual({ at: 3, query: 'mar' });
	expect(mentionQuery('@', 1)).toEqual({ at: 0, query: '' });
	expect(mentionQuery('ann@example', 11)).toBeNull();
	expect(mentionQuery('Hi @mar', 2)).toBeNull();
	expect(matchPeople(people, 'rey').map(({ id }) => id)).toEqual(['m']);
	expect(matchPeople(people, 'ann').map(({ id }) => id)).toEqual(['a', 'l']);
	expect(matchPeople(people, 'us')).toEqual([]);
	const done = insertMention('Hi @mar there', { at: 3, query: 'mar' }, 'Marcus Reyes');
	expect(done).toEqual({ text: 'Hi @Marcus Reyes there', caret: 17 });
});

test('COL-3: names in a text are found whole, the longer one first', () => {
	expect(split('@Ann Lee and @Ann, @Nobody', people)).toEqual([
		{ text: '@Ann Lee', person: people[1] },
		{ text: ' and ' },
		{ text: '@Ann', person: people[0] },
		{ text: ', @Nobody' }
	]);
	expect(mentionedIn('ask @Marcus Reyes', people)).toEqual(['m']);
});
