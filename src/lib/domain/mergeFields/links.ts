const anchor = /<a\b[^>]*?\shref\s*=\s*"([^"]*)"/gi;

/**
 * Distinct targets of the links of sanitised HTML in order; the unsubscribe link is none of them. A `clicked` branch names a
 * link by its place in this list, the first is 0.
 */
export function linksOf(html: string): string[] {
	const found: string[] = [];
	for (const [, href] of html.matchAll(anchor)) {
		const target = href!.replaceAll('&amp;', '&').trim();
		const counts =
			/^https?:/i.test(target) || (target.startsWith('{{') && !target.includes('unsubscribeLink'));
		if (counts && !found.includes(target)) found.push(target);
	}
	return found;
}

const anchorWithText = /<a\b[^>]*?\shref\s*=\s*"([^"]*)"[^>]*>([\s\S]*?)<\/a>/gi;

/** What people read on each of `linksOf`, in the same order; empty for a picture. Only to recognize them by. */
export function linkTextsOf(html: string): string[] {
	const texts = new Map<string, string>();
	for (const [, href, inner] of html.matchAll(anchorWithText)) {
		const target = href!.replaceAll('&amp;', '&').trim();
		if (!texts.get(target)) texts.set(target, plainText(inner!));
	}
	return linksOf(html).map((target) => texts.get(target) ?? '');
}

const plainText = (html: string): string =>
	html
		.replaceAll(/<[^>]*>/g, ' ')
		.replaceAll('&nbsp;', ' ')
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&quot;', '"')
		.replaceAll('&amp;', '&')
		.replaceAll(/\s+/g, ' ')
		.trim()
		.slice(0, 80);
