import { expect, test } from 'vitest';
import { profileInputSchema } from './access/profileInput.ts';
import { cadenceNameSchema } from './cadence/cadence.ts';
import { emailTemplateSchema } from './mergeFields/template.ts';
import { nameText } from './visibleText.ts';

const nothing = ['', '  ', '\u200b', ' \u200d\ufeff\u00ad ', '\u3164', '\u2800', '\0'];
const names = {
	'any name': nameText('Give it a name.'),
	'CAD-1: a cadence': cadenceNameSchema,
	'CHA-1: a template': emailTemplateSchema.shape.name,
	'PER-1: a profile': profileInputSchema.shape.name
};

test.each(Object.entries(names))('%s has a name that can be seen', (_, schema) => {
	for (const name of nothing) {
		const problem = schema.safeParse(name).error?.issues[0]?.message;
		expect(problem, JSON.stringify(name)).toMatch(/ name\.$/);
	}
	expect(schema.parse('  नमस्ते \u200d👩‍👧 ')).toBe('नमस्ते \u200d👩‍👧');
});
