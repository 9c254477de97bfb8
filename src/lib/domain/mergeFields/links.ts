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
