/** What somebody out there answered, as the database takes it: a NUL or half a character would be refused with its whole set. */
export const storableText = (text: string, max = 300): string =>
	text.replaceAll('\u0000', '').replace(/\s+/g, ' ').slice(0, max).toWellFormed();
