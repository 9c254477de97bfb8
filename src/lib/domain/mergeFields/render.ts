import { byteLength, maxOutputBytes, type Template } from './parse.ts';

/** Where a value lands; each place has its own way of being harmless (RELIABILITY.md 4, S12). */
export type MergePlace = 'html' | 'text' | 'header' | 'url';

export type MergeValues = {
	/** The value behind `lead.firstName` (path split at dots) as text; '' when it is empty or unknown. */
	valueOf: (path: readonly string[]) => string;
	/** Absent where a mail is only previewed. */
	unsubscribeUrl?: string | undefined;
};

const entities: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;'
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => entities[char]!);
const withoutControls = (text: string) => text.replace(/[^\P{Cc}\n\t]+/gu, '');

function place(value: string, into: MergePlace, atStart: boolean): string {
	switch (into) {
		case 'html':
			return escapeHtml(withoutControls(value)).replaceAll('\n', '<br>');
		case 'text':
			return withoutControls(value);
		case 'header':
			return value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
		case 'url':
			// A whole address may come from a URL field; inside one a value is a component and cannot change its shape.
			return atStart ? value.trim().replace(/\s+/g, '%20') : encodeURIComponent(value);
	}
}

/**
 * Fills in a template. An empty value takes the field's fallback. Text of the author passes unchanged.
 * @throws RangeError when the result is larger than 256 KB
 */
export function renderTemplate(template: Template, into: MergePlace, values: MergeValues): string {
	let text = '';
	for (const segment of template.segments) {
		switch (segment.kind) {
			case 'text':
				text += segment.text;
				break;
			case 'unsubscribeLink':
				text += place(values.unsubscribeUrl ?? '#', into, true);
				break;
			case 'field':
				text += place(values.valueOf(segment.path) || segment.fallback || '', into, text === '');
		}
		if (text.length > maxOutputBytes) break;
	}
	if (text.length > maxOutputBytes || byteLength(text) > maxOutputBytes)
		throw new RangeError(`The text is larger than ${maxOutputBytes / 1024} KB.`);
	return text;
}
