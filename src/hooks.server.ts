import { randomUUID } from 'node:crypto';
import {
	error as httpError,
	redirect,
	type Handle,
	type HandleServerError,
	type RequestEvent
} from '@sveltejs/kit';
import { sequence } from '@sveltejs/kit/hooks';
import { DomainError, isDomainError } from '#lib/domain/errors.ts';
import { speakPlainly } from '#lib/domain/plainIssues.ts';
import { comesFromOurPages } from '#lib/server/auth/requestOrigin.ts';
import {
	blankSessionCookie,
	readSessionCookie,
	sessionCookie,
	validateSession
} from '#lib/server/auth/sessions.ts';
import { getConfig } from '#lib/server/config.ts';
import { withOrg } from '#lib/server/db/client.ts';
import { getWebDb } from '#lib/server/db/pools.ts';
import { httpErrorRules, toDomainError } from '#lib/server/httpErrors.ts';
import { getLog } from '#lib/server/log.ts';

speakPlainly();

/** Before anything else: requests of other sites are turned away (S5). */
const guardOrigin: Handle = ({ event, resolve }) => {
	event.locals.requestId = randomUUID();
	const { method, headers } = event.request;
	if (!comesFromOurPages(method, headers, getConfig().ORIGIN)) {
		const body = { code: 'forbidden', message: 'This request did not come from a page of this site.' };
		return Response.json(body, { status: 403 });
	}
	return resolve(event);
};

const findActor: Handle = async ({ event, resolve }) => {
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
		const found = await validateSession(db, id);
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

const addHeaders: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const headers: Record<string, string> = {
		'x-content-type-options': 'nosniff',
		'x-frame-options': 'DENY',
		'referrer-policy': 'same-origin',
		'cross-origin-opener-policy': 'same-origin',
		'permissions-policy': 'camera=(), microphone=(), geolocation=()',
		'x-request-id': event.locals.requestId
	};
	if (getConfig().ORIGIN.startsWith('https:')) headers['strict-transport-security'] = 'max-age=31536000';
	if (!response.headers.has('cache-control')) headers['cache-control'] = 'no-store';
	for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
	return response;
};

export const handle = sequence(guardOrigin, addHeaders, findActor);

/**
 * Kit answers 500 to everything that is not its own HttpError. So an error for a person becomes one that is also still
 * our DomainError: pages get the right status, and actions may catch it by its code.
 */
function asHttpError(error: unknown): unknown {
	const known = toDomainError(error);
	if (!known) return error;
	const { code, message, pointer, details } = known;
	try {
		httpError(httpErrorRules[code].status, { code, message, pointer, details });
	} catch (thrown) {
		const branded = Object.assign(thrown as object, { code, message, pointer, details });
		return Object.defineProperty(branded, Symbol.for('cadenza.DomainError'), { value: true });
	}
}

/** What is left: faults of ours, logged under the request's id, which is all that the page shows. */
export const handleError: HandleServerError = ({ error, event, status, message }) => {
	const { requestId } = event.locals;
	if (status < 500) return { message, requestId };
	getLog().error(
		{ err: error, requestId, route: event.route.id, method: event.request.method },
		'request failed'
	);
	// Thrown outside of `locals.withOrg`: the right words under the wrong status, which is a fault of ours.
	if (isDomainError(error)) {
		const { code, pointer, details } = error;
		return { code, message: error.message, pointer, details };
	}
	return { code: 'internal', message: 'Something went wrong on our side. Try again in a moment.', requestId };
};
