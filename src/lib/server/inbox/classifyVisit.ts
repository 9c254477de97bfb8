import type { IncomingHttpHeaders } from 'node:http';

/** Who fetched an image or a link of a mail (CHANNELS.md 5). `ignored`: served, nothing is kept. */
export type Visit = { who: 'human' | 'machine' | 'ignored'; reason: string };

/** What gateways, previewers and scripts call themselves. */
const machineAgent =
	/bot|spider|crawl|curl|wget|python|go-http-client|okhttp|java\/|headless|bingpreview|skypeuripreview|whatsapp|telegram|urldefense|safelinks|barracuda|mimecast|proofpoint|forcepoint|symantec|trendmicro|sophos|zscaler/i;
/** These fetch once and cache, when a person opens: without them Gmail and Yahoo opens would be zero. */
const mailProxy = /GoogleImageProxy|YahooMailProxy/;
const prefetch = /prefetch|preview|prerender/i;
/** Faster than this after the hand-over is a gateway that inspects the mail, not its reader. */
const tooSoonSeconds = 3;

/**
 * EXE-7: machine opens and clicks are recorded but neither fire nor cancel anything.
 * @param sinceSent seconds since the hand-over; null while it is not settled
 */
export function classifyVisit(
	kind: 'open' | 'click',
	method: string | undefined,
	headers: IncomingHttpHeaders,
	sinceSent: number | null
): Visit {
	if (method !== 'GET') return { who: 'ignored', reason: 'method' };
	const purpose = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map((name) => String(headers[name] ?? ''));
	if (purpose.some((value) => prefetch.test(value))) return { who: 'ignored', reason: 'prefetch' };
	const agent = headers['user-agent']?.trim() ?? '';
	if (!agent) return { who: 'machine', reason: 'no user agent' };
	if (kind === 'open' && mailProxy.test(agent)) return { who: 'human', reason: 'mail proxy' };
	if (machineAgent.test(agent)) return { who: 'machine', reason: 'user agent' };
	// Apple's privacy proxy loads every image at a time of its own and says no more than this.
	if (agent === 'Mozilla/5.0') return { who: 'machine', reason: 'privacy proxy' };
	if (sinceSent === null || sinceSent < tooSoonSeconds)
		return { who: 'machine', reason: 'too soon after sending' };
	return { who: 'human', reason: '' };
}
