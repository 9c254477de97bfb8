/** One place that a mutant changes: the lines it must find, once, and those it puts there. */
export type Hunk = { file: string; find: string; replace: string };
export type Mutant = { id: string; says: string; hunks: Hunk[] };

/**
 * `tests/mutants/<ID>.patch`: a sentence that says what is broken, then hunks. A hunk is `@@ file` and lines that begin
 * with a blank (context), `-` (goes) or `+` (comes): a diff without line numbers, so that unrelated edits of the file do
 * not break it.
 * @throws Error when it says nothing or changes nothing
 */
export function parseMutant(id: string, text: string): Mutant {
	const [head = '', ...parts] = text.split(/^@@ /m);
	const hunks = parts.map((part) => {
		const [file = '', ...lines] = part.replace(/\n+$/, '').split('\n');
		const side = (keep: RegExp) =>
			lines.filter((line) => line === '' || keep.test(line)).map((line) => line.slice(1));
		return { file: file.trim(), find: side(/^[ -]/).join('\n'), replace: side(/^[ +]/).join('\n') };
	});
	if (!head.trim()) throw new Error(`tests/mutants/${id}.patch does not begin with what it breaks.`);
	if (!hunks.length || hunks.some(({ find, replace }) => !find || find === replace))
		throw new Error(`tests/mutants/${id}.patch has a hunk that finds or changes nothing.`);
	return { id, says: head.trim(), hunks };
}

/** @throws Error when the lines are not there, or more than once */
export function applyHunk(source: string, { file, find, replace }: Hunk): string {
	const at = findLines(source, find);
	if (at < 0) throw new Error(`${file} has no such lines any more.`);
	if (findLines(source, find, at + 1) >= 0) throw new Error(`${file} has these lines more than once.`);
	return source.slice(0, at) + replace + source.slice(at + find.length);
}

/** Whole lines only. */
function findLines(source: string, find: string, from = 0): number {
	for (let at = source.indexOf(find, from); at >= 0; at = source.indexOf(find, at + 1)) {
		const end = at + find.length;
		if ((at === 0 || source[at - 1] === '\n') && (end === source.length || source[end] === '\n')) return at;
	}
	return -1;
}
