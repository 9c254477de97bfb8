import { expect, test } from 'vitest';
import { bannerWords, versionWords } from './liveWords.ts';

test('COL-5, CAD-3: figures of an inactive cadence are not called live', () => {
	const of = (version: number | null, active: boolean) => ({ version, active, enrolled: 1204 });
	expect(bannerWords(of(3, true))).toBe('Version 3 is live: 1,204 enrolled');
	expect(bannerWords(of(3, false))).toBe('Inactive, nothing runs now. Version 3: 1,204 enrolled');
	expect(bannerWords(of(null, false))).toMatch(/^Nothing runs yet/);
	expect(versionWords(of(3, true))).toBe('Version 3, live');
	expect(versionWords(of(3, false))).toBe('Version 3, inactive');
});
