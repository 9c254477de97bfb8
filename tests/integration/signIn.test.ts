import { eq, sql } from 'drizzle-orm';
import { hashPassword } from '../../src/lib/server/auth/passwords.ts';
import { hashSessionId } from '../../src/lib/server/auth/sessionAdapter.ts';
import {
	createSession,
	deleteSession,
	deleteUserSessions,
	validateSession
} from '../../src/lib/server/auth/sessions.ts';
import { sweepSignIns } from '../../src/lib/server/auth/sweepSignIns.ts';
import { signIn, signInLimits } from '../../src/lib/server/auth/signIn.ts';
import { profiles, rateLimits, sessions, users } from '../../src/lib/server/db/schema/accounts.ts';
import { changePassword } from '../../src/lib/server/users/updateOwnProfile.ts';
import { useConfig } from '../support/config.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import { administrator, makeOrg } from '../support/crm.ts';

const password = 'correct horse battery staple';
const client = { ip: '192.0.2.1', userAgent: 'test' };
const DAY_MS = 24 * 60 * 60 * 1000;

async function signedIn(db: TestDatabase) {
	useConfig(db.urls);
	await db.admin.delete(rateLimits);
	const admin = await makeOrg(db);
	const passwordHash = await hashPassword(password);
	await db.admin.update(users).set({ passwordHash }).where(eq(users.id, admin.userId));
	const { id, cookie } = await signIn(db.web, { email: admin.email, password }, client);
	return { admin, id, cookie };
}

describe('sessions', () => {
	test('S7: the database keeps a SHA-256 of the session id, so a dump of it opens nothing', async ({
		db
	}) => {
		const { id } = await signedIn(db);
		const [row] = await db.admin
			.select()
			.from(sessions)
			.where(eq(sessions.id, hashSessionId(id)));
		expect(row?.id).toBe(hashSessionId(id));
		expect(row?.id).not.toContain(id);
		expect(await validateSession(db.web, row!.id)).toBeNull();
		expect((await validateSession(db.web, id))?.session.id).toBe(id);
	});

	test('S7: each sign-in begins a new session, and its cookie is out of reach of scripts and other sites', async ({
		db
	}) => {
		const { admin, cookie, id } = await signedIn(db);
		const second = await signIn(db.web, { email: admin.email.toUpperCase(), password }, client);
		expect(second.id).not.toBe(id);
		expect(cookie.attributes).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/' });
		expect(cookie.name).toBe('session');
		useConfig(db.urls, { ORIGIN: 'https://cadenza.example.com' });
		const secure = await createSession(db.web, admin, client);
		expect(secure.cookie.name).toBe('__Host-session');
		expect(secure.cookie.attributes.secure).toBe(true);
		expect(secure.cookie.attributes.domain).toBeUndefined();
	});

	test('S7: a session ends by signing out, by its age and by switching its user off', async ({ db }) => {
		const { id, admin } = await signedIn(db);
		const other = await signIn(db.web, { email: admin.email, password }, client);
		await deleteSession(db.web, id);
		expect(await validateSession(db.web, id)).toBeNull();
		expect(await validateSession(db.web, other.id)).not.toBeNull();

		await db.admin.update(users).set({ active: false }).where(eq(users.id, admin.userId));
		expect(await validateSession(db.web, other.id)).toBeNull();
		await db.admin.update(users).set({ active: true }).where(eq(users.id, admin.userId));

		const third = await signIn(db.web, { email: admin.email, password }, client);
		await db.admin.execute(
			sql`update sessions set expires_at = now() - interval '1 second' where id = ${hashSessionId(third.id)}`
		);
		expect(await validateSession(db.web, third.id)).toBeNull();
		const fourth = await signIn(db.web, { email: admin.email, password }, client);
		await deleteUserSessions(db.web, admin.userId);
		expect(await validateSession(db.web, fourth.id)).toBeNull();
	});

	test('S7: use extends a session at most hourly, and never beyond 30 days after sign-in', async ({ db }) => {
		const { id } = await signedIn(db);
		const row = () =>
			db.admin
				.select()
				.from(sessions)
				.where(eq(sessions.id, hashSessionId(id)));
		expect((await validateSession(db.web, id))?.session.fresh).toBe(false);

		await db.admin.execute(
			sql`update sessions set expires_at = now() + interval '9 days' where id = ${hashSessionId(id)}`
		);
		expect((await validateSession(db.web, id))?.session.fresh).toBe(true);
		const [extended] = await row();
		expect(extended!.expiresAt.getTime()).toBeGreaterThan(Date.now() + 9.9 * DAY_MS);

		await db.admin.execute(
			sql`update sessions set created_at = now() - interval '29 days', expires_at = now() + interval '6 hours' where id = ${hashSessionId(id)}`
		);
		expect(await validateSession(db.web, id)).not.toBeNull();
		const [capped] = await row();
		expect(capped!.expiresAt.getTime()).toBeLessThan(Date.now() + 1.01 * DAY_MS);

		await db.admin.execute(
			sql`update sessions set created_at = now() - interval '31 days', expires_at = now() + interval '6 hours' where id = ${hashSessionId(id)}`
		);
		expect(await validateSession(db.web, id)).toBeNull();
	});

	test('PER-4: a changed profile is in force at the next request', async ({ db }) => {
		const { id, admin } = await signedIn(db);
		await db.admin
			.update(profiles)
			.set({ permissions: { ...administrator, administrator: false } })
			.where(eq(profiles.id, admin.profileId));
		expect((await validateSession(db.web, id))?.actor.permissions.administrator).toBe(false);
	});

	test('S7: a new password ends every other session of its owner, and keeps the one it was set in', async ({
		db
	}) => {
		const { id, admin } = await signedIn(db);
		const other = await signIn(db.web, { email: admin.email, password }, client);
		await changePassword(db.web, admin, id, { current: password, next: 'another long password' });
		expect(await validateSession(db.web, id)).not.toBeNull();
		expect(await validateSession(db.web, other.id)).toBeNull();
		await expect(signIn(db.web, { email: admin.email, password }, client)).rejects.toMatchObject({
			code: 'unauthenticated'
		});
	});
});

describe('the limits of signing in', () => {
	test('S8: after five tries an account has to wait, even with the right password', async ({ db }) => {
		const { admin } = await signedIn(db);
		const wrong = { email: admin.email, password: 'wrong' };
		const codes: string[] = [];
		for (let attempt = 0; attempt < signInLimits.account.points + 1; attempt++) {
			codes.push(
				(await signIn(db.web, wrong, client).catch((error: { code: string }) => error.code)) as string
			);
		}
		expect(codes).toEqual([
			...Array<string>(signInLimits.account.points).fill('unauthenticated'),
			'rate_limited'
		]);
		await expect(signIn(db.web, { email: admin.email, password }, client)).rejects.toMatchObject({
			code: 'rate_limited',
			message: expect.stringMatching(/Try again in \d+ minutes/) as string
		});
	});

	test('S8: parallel guesses do not slip past the limit', async ({ db }) => {
		const { admin } = await signedIn(db);
		const tries = await Promise.allSettled(
			Array.from({ length: 20 }, () => signIn(db.web, { email: admin.email, password: 'wrong' }, client))
		);
		const codes = tries.map((one) =>
			one.status === 'rejected' ? (one.reason as { code: string }).code : 'in'
		);
		expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(signInLimits.account.points);
		expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(15);
	});

	test('S8: one address cannot try many accounts', async ({ db }) => {
		await signedIn(db);
		const ip = '192.0.2.77';
		await db.admin.insert(rateLimits).values({
			key: `login-ip:${ip}`,
			points: signInLimits.ip.points,
			expire: new Date(Date.now() + 60_000)
		});
		const tried = signIn(db.web, { email: 'someone@example.com', password: 'x' }, { ip });
		await expect(tried).rejects.toMatchObject({ code: 'rate_limited' });
		// What is refused leaves nothing behind for each address that somebody makes up.
		const rows = await db.admin.select({ key: rateLimits.key }).from(rateLimits);
		expect(rows.map((row) => row.key)).not.toContain('login-account:someone@example.com');
	});

	test('S7, S8: the sweep clears sessions and counters whose time is over, and no others', async ({ db }) => {
		const { id, admin } = await signedIn(db);
		const over = await signIn(db.web, { email: admin.email, password }, client);
		await db.admin.execute(
			sql`update sessions set expires_at = now() - interval '1 second' where id = ${hashSessionId(over.id)}`
		);
		const hour = 60 * 60 * 1000;
		await db.admin.insert(rateLimits).values([
			{ key: 'login-account:old', points: 1, expire: new Date(Date.now() - 2 * hour) },
			{ key: 'login-account:new', points: 1, expire: new Date(Date.now() + hour) }
		]);
		await sweepSignIns(db.worker);
		const kept = await db.admin.select().from(sessions).where(eq(sessions.userId, admin.userId));
		expect(kept.map((row) => row.id)).toEqual([hashSessionId(id)]);
		const counters = (await db.admin.select().from(rateLimits)).map((row) => row.key);
		expect(counters).toContain('login-account:new');
		expect(counters).not.toContain('login-account:old');
	});

	test('an unknown address and a wrong password get the same words', async ({ db }) => {
		const { admin } = await signedIn(db);
		const words = (email: string) =>
			signIn(db.web, { email, password: 'wrong' }, client).catch((error: Error) => error.message);
		expect(await words('nobody@example.com')).toBe(await words(admin.email));
	});
});
