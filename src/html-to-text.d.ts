/** The package ships no types; this is the part we use. */
declare module 'html-to-text' {
	export function convert(
		html: string,
		options?: {
			wordwrap?: number | false;
			selectors?: { selector: string; format?: string; options?: Record<string, unknown> }[];
		}
	): string;
}
