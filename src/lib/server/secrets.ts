import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { getConfig } from './config.ts';

/** Each purpose has a key of its own: a token made for one is worth nothing for another. */
export type KeyPurpose = 'links' | 'opens' | 'unsubscribe' | 'returns' | 'webhooks' | 'sealing' | 'review';

const cache = new Map<string, Buffer>();

function derive(master: string, purpose: KeyPurpose): Buffer {
	const name = `${purpose}:${master}`;
	const known = cache.get(name);
	if (known) return known;
	const key = Buffer.from(
		hkdfSync('sha256', Buffer.from(master, 'base64'), Buffer.alloc(0), `cadenza/${purpose}/v1`, 32)
	);
	cache.set(name, key);
	return key;
}

/** The 32-byte key of a purpose, derived from SECRET_KEY (HKDF-SHA256). */
export const deriveKey = (purpose: KeyPurpose): Buffer => derive(getConfig().SECRET_KEY, purpose);

const keyId = (key: Buffer) => createHash('sha256').update(key).digest('hex').slice(0, 8);

/**
 * Encrypts a secret for the database (AES-256-GCM). `place` is `org|table|column|row`: a ciphertext moved to another
 * place no longer opens.
 */
export function seal(plain: string, place: string): string {
	const key = deriveKey('sealing');
	const nonce = randomBytes(12);
	const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
	const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
	return `${keyId(key)}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
}

/**
 * Opens what `seal` made, also with the previous key.
 * @throws when the key is not known, the place differs or a bit was changed
 */
export function unseal(sealed: string, place: string): string {
	const { SECRET_KEY, SECRET_KEY_PREVIOUS } = getConfig();
	const [id, encoded = ''] = sealed.split('.');
	const masters = [SECRET_KEY, SECRET_KEY_PREVIOUS].filter((master) => master !== undefined);
	const key = masters.map((master) => derive(master, 'sealing')).find((candidate) => keyId(candidate) === id);
	if (!key)
		throw new Error('A stored secret was sealed with a key that is no longer configured (SECRET_KEY).');
	const bytes = Buffer.from(encoded, 'base64url');
	const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(place));
	decipher.setAuthTag(bytes.subarray(12, 28));
	return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
