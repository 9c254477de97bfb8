import { randomUUID } from 'node:crypto';
import type { Handle, HandleServerError } from '@sveltejs/kit';
import { sequence } from '@sveltejs/kit/hooks';
import { isDomainError } from '#lib/domain/errors.ts';
import { speakPlainly } from '#lib/domain/plainIssues.ts';
import { findActor } from '#lib/server/auth/findActor.ts';
import { comesFromOurPages } from '#lib/server/auth/requestOrigin.ts';
import { getConfig } from '#lib/server/config.ts';
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
