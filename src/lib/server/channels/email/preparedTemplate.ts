import { convert } from 'html-to-text';
import { linksOf } from '#lib/domain/mergeFields/links.ts';
import { parseTemplate, type Template } from '#lib/domain/mergeFields/parse.ts';
import { sanitizeEmail } from '../../templates/sanitizeEmail.ts';

/** A template made ready once per version: sanitised, parsed, its links taken out so that each has a fixed number. */
export type PreparedTemplate = {
	subject: Template;
	/** Links are `cadenza-link:<n>` until a message fills them in. */
	html: Template;
	text: Template;
	/** By number, as `clicked/<n>` branches name them (linksOf); each wrapped in an anchor, so that values are escaped as addresses. */
	links: Template[];
};

const cache = new Map<string, PreparedTemplate>();
const CAP = 300;
const decode = (text: string) => text.replaceAll('&amp;', '&').trim();
const anchor = /(<a\b[^>]*?\shref\s*=\s*")([^"]*)(")/gi;

/** Sanitising takes a millisecond or so; thousands of mails share it. */
export function prepareTemplate(template: {
	id: string;
	version: number;
	subject: string;
	html: string;
}): PreparedTemplate {
	const key = JSON.stringify([template.id, template.version, template.subject, template.html]);
	const known = cache.get(key);
	if (known) return known;
	const html = sanitizeEmail(template.html);
	const links = linksOf(html);
	const marked = html.replace(anchor, (whole, start: string, href: string, end: string) => {
		const n = links.indexOf(decode(href));
		return n === -1 ? whole : `${start}cadenza-link:${n}${end}`;
	});
	const made: PreparedTemplate = {
		subject: parseTemplate(template.subject),
		html: parseTemplate(marked),
		text: parseTemplate(convert(html, { wordwrap: 78, selectors: [{ selector: 'img', format: 'skip' }] })),
		links: links.map((link) => parseTemplate(`<a href="${link.replaceAll('&', '&amp;')}">`))
	};
	if (cache.size >= CAP) cache.clear();
	cache.set(key, made);
	return made;
}

/** The address inside a rendered link template. */
export const linkTarget = (rendered: string): string =>
	(/href="([^"]*)"/.exec(rendered)?.[1] ?? '')
		.replaceAll('&quot;', '"')
		.replaceAll('&#39;', "'")
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&amp;', '&');
