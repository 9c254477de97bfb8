import { expect, test } from 'vitest';
import { userInputSchema } from './createUser.ts';
import { ownProfileSchema } from './updateOwnProfile.ts';
import { userChangeSchema } from './updateUser.ts';

test('PER-1: nobody has a name that cannot be seen', () => {
	for (const schema of [userInputSchema, userChangeSchema, ownProfileSchema]) {
		const { name } = schema.shape;
		for (const nothing of [' ', '\u200b', '\u2800', '\u3164'])
			expect(name.safeParse(nothing).success, JSON.stringify(nothing)).toBe(false);
		expect(name.parse(' Noor ')).toBe('Noor');
	}
});
