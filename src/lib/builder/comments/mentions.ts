/** Somebody who can be named in a comment. */
export type Person = { id: string; name: string };

/** The "@mar" before the caret: where it begins and what was typed. Null: nobody is being named. */
export function mentionQuery(text: string, caret: number): { at: number; query: string } | null {
	const found = /(?:^|[\s(])@([^@\n]{0,40})$/.exec(text.slice(0, caret));
	if (!found) return null;
	const query = found[1] ?? '';
	return { at: caret - query.length - 1, query };
}

/** Whose name, or a later part of it, begins with what was typed; at most six. */
export function matchPeople<P extends Person>(people: readonly P[], query: string): P[] {
	const wanted = query.toLocaleLowerCase();
	return people.filter(({ name }) => ` ${name.toLocaleLowerCase()}`.includes(` ${wanted}`)).slice(0, 6);
}

/** Puts a name in place of what was typed. Answers the text and where the caret goes. */
export function insertMention(
	text: string,
	{ at, query }: { at: number; query: string },
	name: string
): { text: string; caret: number } {
	const rest = text.slice(at + 1 + query.length);
	const head = `${text.slice(0, at)}@${name}${rest.startsWith(' ') ? '' : ' '}`;
	return { text: head + rest, caret: head.length + (rest.startsWith(' ') ? 1 : 0) };
}

/** COL-3: the people a text names. */
export const mentionedIn = (text: string, people: readonly Person[]): string[] =>
	split(text, people).flatMap(({ person }) => (person ? [person.id] : []));

export type TextPart = { text: string; person?: Person };

/** A text in pieces, the names in it apart; of two people the one with the longer name is meant. */
export function split(text: string, people: readonly Person[]): TextPart[] {
	const byLength = [...people].sort((a, b) => b.name.length - a.name.length);
	const parts: TextPart[] = [];
	let plain = '';
	for (let at = 0; at < text.length;) {
		const person =
			text[at] === '@' ? byLength.find(({ name }) => name && text.startsWith(name, at + 1)) : undefined;
		if (!person) {
			plain += text[at++];
			continue;
		}
		if (plain) parts.push({ text: plain });
		plain = '';
		parts.push({ text: `@${person.name}`, person });
		at += person.name.length + 1;
	}
	if (plain) parts.push({ text: plain });
	return parts;
}
