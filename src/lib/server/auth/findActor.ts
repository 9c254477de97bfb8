import { redirect, type Handle, type RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/domain/errors.ts';
import { asHttpError } from '../asHttpError.ts';
import { withOrg } from '../db/client.ts';
import { getWebDb } from '../db/pools.ts';
import { blankSessionCookie, readSessionCookie, sessionCookie, validateSession } from './sessions.ts';

/** S7, PER-4: who asks, with the permissions of this moment; pages are for those who are signed in. */
export const findActor: Handle = async ({ event, resolve }) => {
	const { locals, cookies } = event;
	locals.actor = null;
	locals.session = null;
	locals.withOrg = (fn) => {
		const { actor } = locals;
		if (!actor) throw asHttpError(new DomainError('unauthenticated', 'Sign in to go on.'));
		return withOrg(getWebDb(), actor.orgId, fn).catch((error: unknown) => {
			throw asHttpError(error);
		});
	};
	const db = getWebDb();
	const id = readSessionCookie(db, event.request.headers.get('cookie'));
	if (id) {
		const found = await validateSession(db, id).catch((error: unknown) => {
			throw asHttpError(error);
		});
		locals.actor = found?.actor ?? null;
		locals.session = found?.session ?? null;
		const cookie = !found ? blankSessionCookie(db) : found.session.fresh ? sessionCookie(db, id) : null;
		if (cookie) cookies.set(cookie.name, cookie.value, { ...cookie.attributes, path: '/' });
	}
	if (!locals.actor && event.route.id?.startsWith('/(app)')) return askToSignIn(event);
	return resolve(event);
};

function askToSignIn(event: RequestEvent): Response {
	if (event.request.method !== 'GET') {
		const body = { code: 'unauthenticated', message: 'You are signed out. Sign in and try again.' };
		return Response.json(body, { status: 401 });
	}
	const { pathname, search } = event.url;
	const back = pathname === '/' ? '' : `?return=${encodeURIComponent(pathname + search)}`;
	redirect(303, `/login${back}`);
}
