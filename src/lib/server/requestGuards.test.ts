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

test('RELIABILITY 4: large bodies are for the file of an import only', () => {
	const large = { 'content-length': String(20 * 1024 * 1024) };
	expect(acceptsBody(request('POST', '/leads/import', large))).toBe(true);
	expect(acceptsBody(request('POST', '/leads/import?step=2', large))).toBe(true);
	expect(acceptsBody(request('POST', '/leads/import', { 'transfer-encoding': 'chunked' }))).toBe(true);
	// What lies below it is read as JSON.
	const id = '/leads/import/018f4a5e-0000-7000-8000-000000000001';
	const mapping = { 'content-length': String(3 * 1024 * 1024) };
	for (const url of [`${id}/preview`, `${id}?/start`]) {
		expect(acceptsBody(request('POST', url, large))).toBe(false);
		expect(acceptsBody(request('POST', url, { 'transfer-encoding': 'chunked' }))).toBe(false);
		expect(acceptsBody(request('POST', url, mapping))).toBe(true);
	}
	for (const url of ['/importance', '/import', '/imports', '/setup/templates/import', '/a/b/import/c'])
		expect(acceptsBody(request('POST', url, large))).toBe(false);
	expect(acceptsBody(request('POST', '/login', large))).toBe(false);
	expect(acceptsBody(request('POST', '/login', { 'transfer-encoding': 'chunked' }))).toBe(false);
	expect(acceptsBody(request('POST', '/logout'))).toBe(true);
	expect(acceptsBody(request('POST', '/login', { 'content-length': '200' }))).toBe(true);
});
