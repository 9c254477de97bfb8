/** Id -> text of each numbered rule: list items such as `- UNE-5 [S] If un-enrollment ...`. */
export function parseRules(markdown: string): Map<string, string> {
	const items = markdown.matchAll(/^- ([A-Z]{3}-\d+)\s+(.*)$/gm);
	return new Map([...items].map(([, id = '', text = '']) => [id, text]));
}

const part = String.raw`(?: \([a-z]\))*`;
const joint = '(?:, ?| and |/)';
/** A rule, or the fault campaign whose short form a test is: `UNE-1 (a)`, `E10`, `E2 short`. */
const one = String.raw`(?:[A-Z]{3}-\d+${part}|[A-Z]\d+(?: short| judge)?)`;

/** A pattern of what names of tests begin with that prove one of these rules, whatever else they name. */
export const namePattern = (rules: readonly string[]): string =>
	`(?:${one}${joint})*(?:${rules.join('|')})${part}(?:${joint}${one})*:`;

/** The rules that the tests of a file prove: ids at the beginning of a test's name, as in `'E10, UNE-5, UNE-1 (a): ...'`. */
export function namedRules(source: string): string[] {
	const begin = String.raw`\b(?:test|it)(?:\.\w+)*(?:\([^()]*\))?\(\s*['"` + '`]';
	const names = source.matchAll(new RegExp(`${begin}(${one}(?:${joint}${one})*):`, 'g'));
	return [...names].flatMap(([, ids = '']) => ids.match(/[A-Z]{3}-\d+/g) ?? []);
}
