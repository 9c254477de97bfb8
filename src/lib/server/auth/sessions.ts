import { randomBytes } from 'node:crypto';
import { Lucia, TimeSpan, type Cookie } from 'lucia';
import type { Actor } from '#lib/domain/access/actor.ts';
import { withOrg, type Db } from '../db/client.ts';
import { getConfig } from '../config.ts';
import { loadActor } from './loadActor.ts';
import { SessionAdapter } from './sessionAdapter.ts';

declare module 'lucia' {
	interface Register {
		Lucia: ReturnType<typeof createLucia>;
		DatabaseSessionAttributes: { orgId: string; ip?: string | undefined; userAgent?: string | undefined };
		DatabaseUserAttributes: Record<never, never>;
	}
}

export interface SignedIn {
	session: { id: string; expiresAt: Date; fresh: boolean };
	actor: Actor;
	/** Rises when rights change; open sockets compare it (RELIABILITY.md 3.2.8). */
	epoch: number;
}

const SLIDING_DAYS = 10;
const EXTEND_AFTER_MS = 60 * 60 * 1000;

function createLucia(db: Db) {
	const secure = getConfig().ORIGIN.startsWith('https:');
	return new Lucia(new SessionAdapter(db), {
		sessionExpiresIn: new TimeSpan(SLIDING_DAYS, 'd'),
		// __Host- is refused by browsers without https.
		sessionCookie: {
			name: secure ? '__Host-session' : 'session',
			attributes: { secure, sameSite: 'lax', path: '/' }
		},
		getSessionAttributes: ({ orgId }) => ({ orgId })
	});
}

/** The session id in a Cookie header, or null. */
export const readSessionCookie = (db: Db, header: string | null | undefined): string | null =>
	createLucia(db).readSessionCookie(header ?? '');

/** Always a new id: one that was planted before sign-in is worth nothing. */
export async function createSession(
	db: Db,
	user: { orgId: string; userId: string },
	client: { ip?: string | undefined; userAgent?: string | undefined }
): Promise<{ id: string; cookie: Cookie }> {
	const lucia = createLucia(db);
	const session = await lucia.createSession(
		user.userId,
		{ orgId: user.orgId, ...client },
		{ sessionId: randomBytes(32).toString('base64url') }
	);
	return { id: session.id, cookie: lucia.createSessionCookie(session.id) };
}

/**
 * Who is behind a session id, with the permissions of this moment; null when it is unknown, expired, older than 30
 * days, or the user is switched off. Extends it at most once an hour (`fresh`: set the cookie again).
 */
export async function validateSession(db: Db, id: string): Promise<SignedIn | null> {
	const lucia = createLucia(db);
	const { session } = await lucia.validateSession(id);
	if (!session) return null;
	const found = await withOrg(db, session.orgId, (tx) => loadActor(tx, session.orgId, session.userId));
	if (!found) return null;
	const full = Date.now() + SLIDING_DAYS * 24 * 60 * 60 * 1000;
	const extend = full - session.expiresAt.getTime() > EXTEND_AFTER_MS;
	if (extend) await new SessionAdapter(db).updateSessionExpiration(id, new Date(full));
	return { session: { id, expiresAt: session.expiresAt, fresh: session.fresh || extend }, ...found };
}

/** Cookie to set after sign-in and whenever a session is fresh. */
export const sessionCookie = (db: Db, id: string): Cookie => createLucia(db).createSessionCookie(id);
/** Cookie that removes the session from the browser. */
export const blankSessionCookie = (db: Db): Cookie => createLucia(db).createBlankSessionCookie();

/** Ends this one session. */
export const deleteSession = (db: Db, id: string): Promise<void> => createLucia(db).invalidateSession(id);
/** Ends all sessions of a user: at a changed password and when the user is switched off. */
export const deleteUserSessions = (db: Db, userId: string): Promise<void> =>
	createLucia(db).invalidateUserSessions(userId);
