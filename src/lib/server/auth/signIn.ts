import { sql } from 'drizzle-orm';
import type { Cookie } from 'lucia';
import { RateLimiterDrizzle, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import { DomainError } from '#lib/domain/errors.ts';
import type { Db } from '../db/client.ts';
import { rateLimits } from '../db/schema/accounts.ts';
import { decoyHash, verifyPassword } from './passwords.ts';
import { createSession } from './sessions.ts';

export const signInSchema = z.object({
	email: z
		.string()
		.trim()
		.min(1, 'Enter your e-mail address.')
		.max(254, 'This is too long for an e-mail address.'),
	password: z.string().min(1, 'Enter your password.').max(1000, 'This is too long for a password.')
});

/** Tries before anyone has to wait, and for how long they count. Kept in PostgreSQL: they hold over all processes. */
export const signInLimits = {
	account: { points: 5, duration: 5 * 60 },
	ip: { points: 50, duration: 5 * 60 },
	everyone: { points: 600, duration: 60 }
};

const limiter = (db: Db, kind: keyof typeof signInLimits) =>
	new RateLimiterDrizzle({
		storeClient: db,
		schema: rateLimits,
		keyPrefix: `login-${kind}`,
		clearExpiredByTimeout: false,
		...signInLimits[kind]
	});

/**
 * Checks e-mail and password and begins a session (RELIABILITY.md 4).
 * @throws `rate_limited` after too many tries; `unauthenticated` with the same words for a wrong password, an unknown
 * address and a user who is switched off
 */
export async function signIn(
	db: Db,
	input: z.input<typeof signInSchema>,
	client: { ip: string; userAgent?: string | undefined }
): Promise<{ id: string; cookie: Cookie }> {
	const { email, password } = signInSchema.parse(input);
	const account = limiter(db, 'account');
	const address = limiter(db, 'ip');
	const accountKey = email.toLowerCase();
	// Counted before hashing: parallel guesses cannot slip past the limit. The account last: who is refused before leaves no
	// line for each e-mail address that he makes up.
	await consume(address, client.ip);
	await consume(limiter(db, 'everyone'), 'all');
	await consume(account, accountKey);

	const [found] = await db.execute<{
		org_id: string;
		user_id: string;
		password_hash: string;
		active: boolean;
	}>(sql`select * from app.find_login(${email})`);
	const right = await verifyPassword(found?.password_hash ?? decoyHash, password);
	if (!found || !right || !found.active) {
		throw new DomainError(
			'unauthenticated',
			'This e-mail address and password do not belong together.',
			'/password'
		);
	}
	await account.delete(accountKey);
	await address.reward(client.ip, 1);
	return createSession(db, { orgId: found.org_id, userId: found.user_id }, client);
}

async function consume(limit: RateLimiterDrizzle, key: string): Promise<void> {
	try {
		await limit.consume(key);
	} catch (refused) {
		if (!(refused instanceof RateLimiterRes)) throw refused;
		const minutes = Math.max(1, Math.ceil(refused.msBeforeNext / 60_000));
		throw new DomainError(
			'rate_limited',
			`Too many attempts. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`
		);
	}
}
