import { expect, test } from 'vitest';
import { applyHunk, parseMutant } from './mutant.ts';

const patch = ['Never ends.', '', '@@ src/a.ts', ' if (x)', '-\treturn 1;', '+\treturn 2;', ''].join('\n');

test('a mutant says what it breaks and names lines instead of numbers', () => {
	expect(parseMutant('UNE-5', patch)).toEqual({
		id: 'UNE-5',
		says: 'Never ends.',
		hunks: [{ file: 'src/a.ts', find: 'if (x)\n\treturn 1;', replace: 'if (x)\n\treturn 2;' }]
	});
	expect(() => parseMutant('UNE-5', patch.replace('Never ends.', ''))).toThrow('what it breaks');
	expect(() => parseMutant('UNE-5', 'Never ends.\n@@ src/a.ts\n same\n')).toThrow('changes nothing');
});

test('it applies where its lines stand exactly once', () => {
	const [hunk] = parseMutant('UNE-5', patch).hunks;
	expect(applyHunk('a();\nif (x)\n\treturn 1;\nb();\n', hunk!)).toBe('a();\nif (x)\n\treturn 2;\nb();\n');
	expect(() => applyHunk('if (x)\n\treturn 10;\n', hunk!)).toThrow('no such lines');
	expect(() => applyHunk('if (x)\n\treturn 1;\nif (x)\n\treturn 1;\n', hunk!)).toThrow('more than once');
});

test('a line that only goes leaves no empty one', () => {
	const [hunk] = parseMutant('ENR-4', 'x\n@@ a\n first\n-second\n').hunks;
	expect(applyHunk('first\nsecond\nthird\n', hunk!)).toBe('first\nthird\n');
});
