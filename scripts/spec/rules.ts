/** Id -> text of each numbered rule: list items such as `- UNE-5 [S] If un-enrollment ...`. */
export function parseRules(markdown: string): Map<string, string> {
	const items = markdown.matchAll(/^- ([A-Z]{3}-\d+)\s+(.*)$/gm);
	return new Map([...items].map(([, id = '', text = '']) => [id, text]));
}

/** The rules that the tests of a file prove: ids at the beginning of a test's name, as in `'UNE-5, UNE-1 (a): ...'`. */
export function namedRules(source: string): string[] {
	const names = source.matchAll(
		/\b(?:test|it)(?:\.\w+)*(?:\([^()]*\))?\(\s*(['"`])((?:[A-Z]{3}-\d+(?: \([a-z]\))*(?:, ?| and |\/)?)+):/g
	);
	return [...names].flatMap(([, , ids = '']) => ids.match(/[A-Z]{3}-\d+/g) ?? []);
}
