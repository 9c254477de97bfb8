import { redirect } from '@sveltejs/kit';
import { blankSessionCookie, deleteSession } from '#lib/server/auth/sessions.ts';
import { getWebDb } from '#lib/server/db/pools.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = async ({ locals, cookies }) => {
	const db = getWebDb();
	if (locals.session) await deleteSession(db, locals.session.id);
	const cookie = blankSessionCookie(db);
	cookies.set(cookie.name, cookie.value, { ...cookie.attributes, path: '/' });
	redirect(303, '/login');
};
