import type { Action } from '@sveltejs/kit';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { endReasons, enrollmentStatuses } from '#lib/domain/enrollment/state.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import type { OrgTx } from '#lib/server/db/client.ts';
import { listEnrollments } from '#lib/server/enrollments/listEnrollments.ts';
import { pauseEnrollments } from '#lib/server/enrollments/pauseEnrollments.ts';
import { restartEnrollments } from '#lib/server/enrollments/restartEnrollments.ts';
import { resumeEnrollments } from '#lib/server/enrollments/resumeEnrollments.ts';
import { skipForward } from '#lib/server/enrollments/skipForward.ts';
import { unenrollRecords } from '#lib/server/enrollments/unenrollRecords.ts';
import { failForm } from '#lib/server/failForm.ts';
import type { Actions, PageServerLoad } from './$types';

const status = z.enum(enrollmentStatuses).nullable().catch(null);
const reason = z.enum(endReasons).nullable().catch(null);

export const load: PageServerLoad = async ({ locals, params, url, depends }) => {
	depends('app:enrollments');
	const actor = requireActor(locals);
	const wanted = status.parse(url.searchParams.get('status'));
	const why = reason.parse(url.searchParams.get('reason'));
	const trail = url.searchParams.getAll('after');
	return {
		status: wanted,
		reason: why,
		trail,
		page: await locals.withOrg((tx) =>
			listEnrollments(tx, actor, {
				cadenceId: params.id,
				status: wanted,
				reason: why,
				cursor: trail.at(-1) ?? null
			})
		)
	};
};

const flag = z.string().trim().min(1).nullable().catch(null);

/** Ticked rows, or everybody on the page's list ("all in view"). */
function runsOf(form: FormData, cadenceId: string) {
	if (form.get('all') !== 'yes') return { enrollmentIds: form.getAll('id').map(String) };
	return {
		cadenceId,
		all: true as const,
		status: status.parse(form.get('status')),
		reason: reason.parse(form.get('endReason'))
	};
}

type Done = { count: number; taskId?: string };

/** One form action: `act` says how many; large selections go on in the background. */
const action =
	(
		act: (tx: OrgTx, actor: Actor, runs: ReturnType<typeof runsOf>, form: FormData) => Promise<Done>
	): Action =>
	async ({ locals, request, params }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			return await locals.withOrg((tx) => act(tx, actor, runsOf(form, params['id'] ?? ''), form));
		} catch (error) {
			return failForm(error);
		}
	};

const background = ({ taskId, total }: { taskId: string; total: number }): Done => ({ taskId, count: total });

export const actions: Actions = {
	unenroll: action(async (tx, actor, runs, form) => {
		const done = await unenrollRecords(tx, actor, {
			target: { runs },
			reason: String(form.get('reason') ?? '')
		});
		return done.kind === 'background' ? background(done) : { count: done.unenrolled };
	}),
	pause: action(async (tx, actor, runs, form) => {
		const until = flag.parse(form.get('until'));
		const done = await pauseEnrollments(tx, actor, {
			...runs,
			...(until === null ? {} : { until: new Date(until) })
		});
		return done.kind === 'background' ? background(done) : { count: done.paused };
	}),
	resume: action(async (tx, actor, runs) => {
		const done = await resumeEnrollments(tx, actor, runs);
		return done.kind === 'background' ? background(done) : { count: done.resumed };
	}),
	restart: action(async (tx, actor, runs, form) => {
		const startAt = flag.parse(form.get('startAt'));
		const done = await restartEnrollments(tx, actor, { ...runs, startAt });
		return done.kind === 'background' ? background(done) : { count: done.restarted };
	}),
	skip: action(async (tx, actor, runs, form) => {
		const done = await skipForward(tx, actor, { ...runs, actionId: String(form.get('actionId') ?? '') });
		return done.kind === 'background' ? background(done) : { count: done.skippedForward };
	})
};
