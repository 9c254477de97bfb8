import { DomainError } from '../errors.ts';
import { byteLength, maxOutputBytes, type Segment, type Template } from './parse.ts';
import { valueOf, type MergeValues } from './values.ts';

const entities: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;'
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char]!);

/** Control characters have no place in anything we send; NUL would even be refused by the database. */
// eslint-disable-next-line no-control-regex -- naming control characters is the point
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
/** In a header every line end, as Unicode knows them, is a space: nothing can begin a second header (S10). */
const lineEnds = /[\r\n\u0085\u2028\u2029\t]+/g;

const clean = (text: string): string => text.replace(controls, '');
const safeUrl = /^(https?:|mailto:|tel:)/i;

/** The value of a merge field or its fallback, before escaping. */
function textOf(segment: Extract<Segment, { kind: 'field' }>, values: MergeValues): string {
	const value = valueOf(segment.path, values);
	return clean(value === null || value.trim() === '' ? (segment.fallback ?? '') : value);
}

/** Joins pieces and stops at the cap, however large a value is (S11). */
class Output {
	#parts: string[] = [];
	#length = 0;
	add(text: string): void {
		this.#length += text.length;
		if (this.#length > maxOutputBytes) throw tooLong();
		this.#parts.push(text);
	}
	toString(): string {
		const text = this.#parts.join('');
		if (byteLength(text) > maxOutputBytes) throw tooLong();
		return text;
	}
}

const tooLong = (): DomainError =>
	new DomainError(
		'invalid',
		`With its merge fields filled in the text is longer than ${maxOutputBytes / 1024} KB. Shorten it.`
	);

/** Plain text: task and call texts, WhatsApp variables. */
export function renderText(template: Template, values: MergeValues, unsubscribeUrl = ''): string {
	const out = new Output();
	for (const segment of template.segments)
		out.add(
			segment.kind === 'text'
				? segment.text
				: segment.kind === 'unsubscribeLink'
					? unsubscribeUrl
					: textOf(segment, values)
		);
	return out.toString();
}

/** One line of a mail's header (the subject): no CR, LF or other line end survives. */
export const renderHeader = (template: Template, values: MergeValues): string =>
	clean(renderText(template, values).replace(lineEnds, ' ')).replace(/ {2,}/g, ' ').trim();

type Place =
	| { in: 'text' }
	| { in: 'attribute'; url: boolean; start: boolean }
	/** Inside a tag but not in a quoted value, or in a style: nothing may be put there. */
	| { in: 'nowhere' };

const urlAttributes: ReadonlySet<string> = new Set(['href', 'src', 'background', 'action', 'cite']);

/**
 * Where a segment stands, from the author's HTML before it. The HTML is the sanitiser's output: attribute values are
 * in double quotes and hold no `<` or `>`.
 */
function placeAfter(open: string): Place {
	if (open === '') return { in: 'text' };
	const match = /([a-z-]+)\s*=\s*"([^"]*)$/i.exec(open);
	const quotes = open.split('"').length - 1;
	if (!match || quotes % 2 === 0) return { in: 'nowhere' };
	const name = match[1]!.toLowerCase();
	if (name === 'style' || name.startsWith('on')) return { in: 'nowhere' };
	return { in: 'attribute', url: urlAttributes.has(name), start: match[2]!.trim() === '' };
}

function escapeFor(place: Place, text: string): string {
	if (place.in === 'nowhere') return '';
	if (place.in === 'text' || !place.url) return escapeHtml(text);
	if (!place.start) return escapeHtml(encodeURIComponent(text));
	return safeUrl.test(text.trim()) ? escapeHtml(text.trim()) : '#';
}

/**
 * HTML of an e-mail: each value is escaped for the place it stands in (text, attribute, URL), so it can change words
 * but never the structure (S12).
 */
export function renderHtml(template: Template, values: MergeValues, unsubscribeUrl = ''): string {
	const out = new Output();
	/** The author's HTML since the last `<` that is not closed yet. */
	let open = '';
	for (const segment of template.segments) {
		if (segment.kind === 'text') {
			out.add(segment.text);
			open += segment.text;
			const begin = open.lastIndexOf('<');
			open = begin === -1 || open.indexOf('>', begin) !== -1 ? '' : open.slice(begin);
			continue;
		}
		const place = placeAfter(open);
		const text = segment.kind === 'unsubscribeLink' ? unsubscribeUrl : textOf(segment, values);
		out.add(escapeFor(place, text));
		// A value stands for something: what follows in the same attribute is no longer its start.
		if (open) open += 'x';
	}
	return out.toString();
}
