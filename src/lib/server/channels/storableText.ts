/** Half of a character that is two, where a text was cut. */
const halfAtEnd = /[\ud800-\udbff]$/;

/**
 * What somebody out there says, or put into a field, as the database takes it: a NUL or half a character would be refused
 * with its whole set.
 */
export const storable = (text: string, max: number): string =>
	text.replaceAll('\u0000', '').slice(0, max).replace(halfAtEnd, '').toWellFormed();

/** The same in one line. */
export const storableText = (text: string, max = 300): string => storable(text.replace(/\s+/g, ' '), max);
