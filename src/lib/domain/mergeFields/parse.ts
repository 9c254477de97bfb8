/**
 * The grammar of merge fields: `{{module.field | default: "x"}}`, `{{unsubscribeLink}}`. Nothing else: no loops, no
 * code, no partials (RELIABILITY.md 4). `module` is the record's module (`lead`), `record`, `owner`, `sender` or
 * `organization`; a third part goes through a lookup field (`deal.contact.email`).
 */
export type Segment =
	| { kind: 'text'; text: string }
	| { kind: 'field'; path: string[]; fallback: string | null; source: string }
	| { kind: 'unsubscribeLink'; source: string };

type ParseProblem = { message: string; source: string };
export type Template = { segments: Segment[]; problems: ParseProblem[] };

/** RELIABILITY.md 4: caps of a template and of what it may become, in UTF-8 bytes. */
export const maxTemplateBytes = 64 * 1024;
export const maxOutputBytes = 256 * 1024;
/** More merge fields than anybody writes; keeps parsing and rendering linear in something small. */
const maxMergeFields = 500;

const name = /^[A-Za-z][A-Za-z0-9_]{0,60}$/;
const fallbackPattern = /^default\s*:\s*(?:"([^"{}]{0,200})"|'([^'{}]{0,200})')$/;

export const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** In sanitised HTML the quotes inside an attribute are written as entities. */
const decodeQuotes = (text: string): string =>
	text.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&nbsp;', ' ');

/** Splits a text into segments. Never throws; what does not parse stays as text and is named in `problems`. */
export function parseTemplate(text: string): Template {
	const problems: ParseProblem[] = [];
	if (text.length > maxTemplateBytes || byteLength(text) > maxTemplateBytes)
		return {
			segments: [],
			problems: [
				{ message: `The text is longer than ${maxTemplateBytes / 1024} KB. Shorten it.`, source: '' }
			]
		};
	const segments: Segment[] = [];
	let at = 0;
	let fields = 0;
	while (at < text.length) {
		const open = text.indexOf('{{', at);
		if (open === -1) break;
		const close = text.indexOf('}}', open + 2);
		if (close === -1) {
			problems.push({
				message: 'A merge field is opened with {{ but never closed with }}.',
				source: text.slice(open, open + 40)
			});
			break;
		}
		const source = text.slice(open, close + 2);
		const parsed = parseTag(source);
		if (open > at) segments.push({ kind: 'text', text: text.slice(at, open) });
		if ('message' in parsed) {
			problems.push(parsed);
			segments.push({ kind: 'text', text: source });
		} else segments.push(parsed);
		at = close + 2;
		if (++fields > maxMergeFields) {
			problems.push({ message: `A text can hold ${maxMergeFields} merge fields at most.`, source: '' });
			break;
		}
	}
	if (at < text.length) segments.push({ kind: 'text', text: text.slice(at) });
	return { segments, problems };
}

function parseTag(source: string): Segment | ParseProblem {
	const shown = source.length > 60 ? `${source.slice(0, 57)}...` : source;
	if (source.length > 400) return { message: `The merge field "${shown}" is too long.`, source };
	const inner = decodeQuotes(source.slice(2, -2)).trim();
	const bar = inner.indexOf('|');
	const head = (bar === -1 ? inner : inner.slice(0, bar)).trim();
	if (head === 'unsubscribeLink' && bar === -1) return { kind: 'unsubscribeLink', source };
	const path = head.split('.');
	if (path.length < 2 || path.length > 3 || !path.every((part) => name.test(part)))
		return {
			message: `"${shown}" is not a merge field. Write it like {{lead.firstName}} or {{lead.firstName | default: "there"}}.`,
			source
		};
	if (bar === -1) return { kind: 'field', path, fallback: null, source };
	const match = fallbackPattern.exec(inner.slice(bar + 1).trim());
	if (!match)
		return {
			message: `The fallback in "${shown}" is not readable. Write it like | default: "there".`,
			source
		};
	return { kind: 'field', path, fallback: match[1] ?? match[2] ?? '', source };
}

/** The merge fields of a text, for checks and for reading only the values that are needed. */
export const mergeFieldsOf = (template: Template): Extract<Segment, { kind: 'field' }>[] =>
	template.segments.filter((segment) => segment.kind === 'field');

/** GRA-9: whether a text offers the unsubscribe link. */
export const hasUnsubscribeLink = (template: Template): boolean =>
	template.segments.some((segment) => segment.kind === 'unsubscribeLink');
