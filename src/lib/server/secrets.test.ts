import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig, setConfig } from './config.ts';
import { deriveKey, seal, unseal } from './secrets.ts';

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const configure = (SECRET_KEY: string, SECRET_KEY_PREVIOUS?: string) =>
	setConfig(
		loadConfig({
			DATABASE_URL: 'postgres://a@b/c',
			DATABASE_WORKER_URL: 'postgres://a@b/c',
			SMTP_URL: 'smtp://127.0.0.1:1',
			SECRET_KEY,
			SECRET_KEY_PREVIOUS
		})
	);
const place = 'org-1|email_relays|password|row-1';

beforeAll(() => configure(keyOf(1)));
afterAll(() => setConfig(undefined));

test('S18: a sealed secret opens in its own place only', () => {
	const sealed = seal('hunter2', place);
	expect(sealed).not.toContain('hunter2');
	expect(unseal(sealed, place)).toBe('hunter2');
	expect(() => unseal(sealed, place.replace('org-1', 'org-2'))).toThrow();
	const changed = sealed.slice(0, 20) + (sealed[20] === 'A' ? 'B' : 'A') + sealed.slice(21);
	expect(() => unseal(changed, place)).toThrow();
	expect(seal('hunter2', place)).not.toBe(sealed);
});

test('S18: a changed key still opens what the previous one sealed, and nothing older', () => {
	const sealed = seal('hunter2', place);
	configure(keyOf(2), keyOf(1));
	expect(unseal(sealed, place)).toBe('hunter2');
	configure(keyOf(3), keyOf(2));
	expect(() => unseal(sealed, place)).toThrow(/no longer configured/);
	configure(keyOf(1));
});

test('S13: every purpose has a key of its own', () => {
	const keys = (['links', 'opens', 'unsubscribe', 'webhooks', 'sealing'] as const).map((purpose) =>
		deriveKey(purpose).toString('hex')
	);
	expect(new Set(keys).size).toBe(keys.length);
	expect(keys.every((key) => key.length === 64)).toBe(true);
});
