/** What somebody out there says, as the database takes it: a NUL or half a character would be refused with its whole set. */
export const storable = (text: string, max: number): string =>
	text.replaceAll('\u0000', '').slice(0, max).toWellFormed();

/** The same in one line. */
export const storableText = (text: string, max = 300): string => storable(text.replace(/\s+/g, ' '), max);
