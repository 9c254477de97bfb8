import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { acceptsBody, canonicalAddress } from './requestGuards.ts';

const request = (method: string, url: string, headers: Record<string, string> = {}) =>
	({ method, url, headers }) as unknown as IncomingMessage;

test('leads another name of this machine to the configured one, and nobody else', () => {
	const own = 'http://localhost:3000';
	const ask = (host: string, url = '/leads?x=1', method = 'GET') =>
		canonicalAddress(request(method, url, { host }), own);
	expect(ask('127.0.0.1:3000')).toBe('http://localhost:3000/leads?x=1');
	expect(ask('[::1]:3000')).toBe('http://localhost:3000/leads?x=1');
	expect(ask('127.0.0.1:3000', '//evil.example')).toBe('http://localhost:3000/');
	for (const host of ['localhost:3000', '127.0.0.1:4000', 'evil.example:3000', '::::'])
		expect(ask(host)).toBeNull();
	expect(ask('127.0.0.1:3000', '/login', 'POST')).toBeNull();
	expect(
		canonicalAddress(request('GET', '/', { host: '127.0.0.1:3000' }), 'https://cadenza.example.com')
	).toBeNull();
});

test('large bodies are for imports only', () => {
	const large = { 'content-length': String(20 * 1024 * 1024) };
	expect(acceptsBody(request('POST', '/leads/import', large))).toBe(true);
	expect(acceptsBody(request('POST', '/leads/import?step=2', large))).toBe(true);
	expect(acceptsBody(request('POST', '/importance', large))).toBe(false);
	expect(acceptsBody(request('POST', '/login', large))).toBe(false);
	expect(acceptsBody(request('POST', '/login', { 'transfer-encoding': 'chunked' }))).toBe(false);
	expect(acceptsBody(request('POST', '/logout'))).toBe(true);
	expect(acceptsBody(request('POST', '/login', { 'content-length': '200' }))).toBe(true);
});
