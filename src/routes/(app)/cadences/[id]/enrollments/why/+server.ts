import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { explainEnrollment } from '#lib/server/enrollments/explainEnrollment.ts';
import type { RequestHandler } from './$types';

/** ENR-8: "Why is it not moving?" of one enrollment. */
export const GET: RequestHandler = async ({ locals, url }) => {
	const actor = requireActor(locals);
	const enrollmentId = url.searchParams.get('enrollment') ?? '';
	return json({ sentence: await locals.withOrg((tx) => explainEnrollment(tx, actor, enrollmentId)) });
};
