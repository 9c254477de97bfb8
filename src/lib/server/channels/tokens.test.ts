import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig, setConfig } from '../config.ts';
import { createAddressTag, createToken, readAddressTag, readToken } from './tokens.ts';

beforeAll(() =>
	setConfig(
		loadConfig({
			DATABASE_URL: 'postgres://a@b/c',
			DATABASE_WORKER_URL: 'postgres://a@b/c',
			SMTP_URL: 'smtp://127.0.0.1',
			SECRET_KEY: Buffer.alloc(32, 5).toString('base64')
		})
	)
);
afterAll(() => setConfig(undefined));

const purposes = ['opens', 'links', 'unsubscribe'] as const;

test('S13: a token says what it was made for, and nothing else can be read from it', () => {
	fc.assert(
		fc.property(
			fc.uuid(),
			fc.nat({ max: 65_535 }),
			fc.constantFrom(...purposes),
			(messageId, link, purpose) => {
				const token = createToken(purpose, { messageId, link });
				expect(readToken(purpose, token)).toEqual({ messageId, link });
				for (const other of purposes) if (other !== purpose) expect(readToken(other, token)).toBeNull();
			}
		)
	);
});

test('S13: no change of a token is accepted, nor another spelling of it', () => {
	fc.assert(
		fc.property(fc.uuid(), fc.nat(), fc.constantFrom(...'ABab019_-'), (messageId, at, char) => {
			const token = createToken('unsubscribe', { messageId });
			const index = at % token.length;
			const changed = token.slice(0, index) + char + token.slice(index + 1);
			if (changed !== token) expect(readToken('unsubscribe', changed)).toBeNull();
			expect(readToken('unsubscribe', `${token}=`)).toBeNull();
			expect(readToken('unsubscribe', ` ${token}`)).toBeNull();
		})
	);
});

test('CHA-1: tags in addresses survive a change of case and fit into a local part', () => {
	fc.assert(
		fc.property(fc.uuid(), (messageId) => {
			const tag = createAddressTag(messageId);
			expect(`b+${tag}`.length).toBeLessThanOrEqual(64);
			expect(readAddressTag(tag.toUpperCase())).toBe(messageId);
			expect(readAddressTag(`${tag.slice(0, -1)}${tag.endsWith('0') ? '1' : '0'}`)).toBeNull();
			expect(readAddressTag('z'.repeat(50))).toBeNull();
		})
	);
});
