import { createToken } from '../tokens.ts';

const escapeAttribute = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Only web addresses leave in a mail; whatever else a merge value made of a link leads nowhere. */
const isWebAddress = (href: string) =>
	URL.canParse(href) && ['http:', 'https:'].includes(new URL(href).protocol);

/**
 * Click links and open pixel of a rendered text (CHA-1). Targets are stored with the message and named by number, so a
 * link can never be turned into an open redirect (S13). Links that are no web address become `#`.
 */
export function trackLinks(
	html: string,
	targets: readonly string[],
	options: { messageId: string; origin: string; clicks: boolean; opens: boolean }
): string {
	const { messageId, origin } = options;
	const tracked = html.replace(/"cadenza-link:(\d{1,4})"/g, (_, n: string) => {
		const target = targets[Number(n)] ?? '';
		if (!isWebAddress(target)) return '"#"';
		if (!options.clicks) return `"${escapeAttribute(target)}"`;
		return `"${origin}/t/c/${createToken('links', { messageId, link: Number(n) })}"`;
	});
	if (!options.opens) return tracked;
	const token = createToken('opens', { messageId });
	return `${tracked}<img src="${origin}/t/o/${token}.gif" width="1" height="1" alt="" style="display:none">`;
}
