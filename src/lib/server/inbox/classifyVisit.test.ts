import { expect, test } from 'vitest';
import { classifyVisit } from './classifyVisit.ts';

const browser = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
const who = (
	kind: 'open' | 'click',
	agent: string | undefined,
	more: Record<string, string> = {},
	since: number | null = 600,
	method = 'GET'
) =>
	classifyVisit(kind, method, { ...(agent === undefined ? {} : { 'user-agent': agent }), ...more }, since)
		.who;

test('EXE-7: a person with a browser counts, for opens also behind the caching proxies of Gmail and Yahoo', () => {
	expect(who('open', browser)).toBe('human');
	expect(who('click', browser)).toBe('human');
	expect(
		who(
			'open',
			'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
			{},
			1
		)
	).toBe('human');
	expect(who('open', 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html')).toBe(
		'human'
	);
});

test('EXE-7: gateways, previewers, scripts, privacy proxies and the too quick are machines', () => {
	const agents = [
		'',
		undefined,
		'Mozilla/5.0',
		'curl/8',
		'python-requests/2',
		'Go-http-client/2.0',
		'WhatsApp/2.2',
		'TelegramBot',
		'Mimecast',
		'HeadlessChrome/1',
		'bingpreview'
	];
	for (const agent of agents) expect([agent, who('open', agent)]).toEqual([agent, 'machine']);
	expect(who('click', browser, {}, 1)).toBe('machine');
	expect(who('click', browser, {}, null)).toBe('machine');
});

test('EXE-7: HEAD and prefetch are served and forgotten', () => {
	expect(who('click', browser, {}, 600, 'HEAD')).toBe('ignored');
	for (const name of ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'])
		expect(who('open', browser, { [name]: 'Prefetch' })).toBe('ignored');
});
