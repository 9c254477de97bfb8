import { expect, test } from 'vitest';
import { existingWords } from './existingWords.ts';

test('VER-5: the publish dialog counts whom it would enroll, not who is in the view', () => {
	expect(existingWords({ matching: null, joining: null })).toBe(
		'Everything that matches, and what comes later.'
	);
	expect(existingWords({ matching: 1, joining: 1 })).toBe('1 record now, and what comes later.');
	expect(existingWords({ matching: 1200, joining: 7 })).toMatch(/^7 of 1,200 records now, and/);
	expect(existingWords({ matching: 166, joining: 0 })).toMatch(/^None of the 166 now: they were in before/);
});
