import { expect, test } from 'vitest';
import { comesFromOurPages, safeReturnPath } from './requestOrigin.ts';

const own = 'https://cadenza.example.com';
const asks = (method: string, headers: Record<string, string> = {}) =>
	comesFromOurPages(method, new Headers(headers), own);

test('S5: a writing request needs our own Origin, or the browser saying same-origin', () => {
	for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'BREW']) {
		expect(asks(method, { origin: own })).toBe(true);
		expect(asks(method, { 'sec-fetch-site': 'same-origin' })).toBe(true);
		expect(asks(method)).toBe(false);
		for (const origin of [
			'null',
			'https://evil.example',
			`${own}.evil.example`,
			'http://cadenza.example.com',
			''
		]) {
			expect(asks(method, { origin }), origin).toBe(false);
		}
		// A foreign Origin is not mended by a header that a page could be made to send.
		expect(asks(method, { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' })).toBe(false);
		for (const site of ['same-site', 'cross-site', 'none'])
			expect(asks(method, { 'sec-fetch-site': site })).toBe(false);
	}
	for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(asks(method)).toBe(true);
});

test('sign-in leads back to paths of this site only', () => {
	for (const path of ['/', '/leads?view=1&q=a%20b', '/cadences/7/edit#node'])
		expect(safeReturnPath(path)).toBe(path);
	const bad = [
		'//evil.example',
		'/\\evil.example',
		'https://evil.example',
		'/\t/evil.example',
		'javascript:alert(1)',
		'',
		'/login',
		'/a\nb',
		'/x\\y'
	];
	for (const path of bad) expect(safeReturnPath(path), JSON.stringify(path)).toBe('/');
	expect(safeReturnPath(null)).toBe('/');
});
