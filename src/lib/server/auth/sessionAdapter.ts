import { createHash } from 'node:crypto';
import { and, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import type { Adapter, DatabaseSession, DatabaseUser } from 'lucia';
import { withOrg, type Db } from '../db/client.ts';
import { sessions, users } from '../db/schema/accounts.ts';

/** What the database keeps of a session id: a stolen dump opens no session (S7). */
export const hashSessionId = (id: string): string => createHash('sha256').update(id).digest('base64url');

/** However active: signed out 30 days after sign-in. */
const ABSOLUTE_LIFETIME_DAYS = 30;
/** More than can come in a minute (signInLimits). */
const sweptAtOnce = 5_000;
const youngEnough = gt(
	sessions.createdAt,
	sql`now() - make_interval(days => ${ABSOLUTE_LIFETIME_DAYS}::int)`
);

/** Lucia's storage on our tables: the raw id lives in the cookie alone. */
export class SessionAdapter implements Adapter {
	#db: Db;

	constructor(db: Db) {
		this.#db = db;
	}

	async getSessionAndUser(id: string): Promise<[DatabaseSession | null, DatabaseUser | null]> {
		const [row] = await this.#db
			.select()
			.from(sessions)
			.where(and(eq(sessions.id, hashSessionId(id)), youngEnough));
		if (!row) return [null, null];
		const [user] = await withOrg(this.#db, row.orgId, (tx) =>
			tx
				.select({ active: users.active })
				.from(users)
				.where(and(eq(users.orgId, row.orgId), eq(users.id, row.userId)))
		);
		// The raw id goes back to lucia, which writes it into a renewed cookie.
		const session = { id, userId: row.userId, expiresAt: row.expiresAt, attributes: { orgId: row.orgId } };
		return [session, user?.active ? { id: row.userId, attributes: {} } : null];
	}

	async getUserSessions(userId: string): Promise<DatabaseSession[]> {
		const rows = await this.#db.select().from(sessions).where(eq(sessions.userId, userId));
		return rows.map((row) => ({
			id: row.id,
			userId,
			expiresAt: row.expiresAt,
			attributes: { orgId: row.orgId }
		}));
	}

	async setSession(session: DatabaseSession): Promise<void> {
		const { orgId, ip, userAgent } = session.attributes;
		await this.#db.insert(sessions).values({
			id: hashSessionId(session.id),
			orgId,
			userId: session.userId,
			expiresAt: session.expiresAt,
			lastSeenAt: new Date(),
			ip,
			userAgent: userAgent?.slice(0, 300)
		});
	}

	async updateSessionExpiration(id: string, expiresAt: Date): Promise<void> {
		await this.#db
			.update(sessions)
			.set({
				lastSeenAt: new Date(),
				expiresAt: sql`least(${expiresAt.toISOString()}::timestamptz,
					${sessions.createdAt} + make_interval(days => ${ABSOLUTE_LIFETIME_DAYS}::int))`
			})
			.where(eq(sessions.id, hashSessionId(id)));
	}

	async deleteSession(id: string): Promise<void> {
		await this.#db.delete(sessions).where(eq(sessions.id, hashSessionId(id)));
	}

	async deleteUserSessions(userId: string): Promise<void> {
		await this.#db.delete(sessions).where(eq(sessions.userId, userId));
	}

	async deleteExpiredSessions(): Promise<void> {
		const over = lt(sessions.expiresAt, sql`clock_timestamp()`);
		const some = this.#db.select({ id: sessions.id }).from(sessions).where(over).limit(sweptAtOnce);
		// Asked again of the row itself: it may have been extended meanwhile.
		await this.#db.delete(sessions).where(and(over, inArray(sessions.id, some)));
	}
}
