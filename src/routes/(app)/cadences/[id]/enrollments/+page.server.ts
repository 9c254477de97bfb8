import { z } from 'zod';
import { enrollmentStatuses } from '#lib/domain/enrollment/state.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listEnrollments } from '#lib/server/enrollments/listEnrollments.ts';
import { pauseEnrollments } from '#lib/server/enrollments/pauseEnrollments.ts';
import { restartEnrollments } from '#lib/server/enrollments/restartEnrollments.ts';
import { resumeEnrollments } from '#lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '#lib/server/enrollments/unenrollRecords.ts';
import { failForm } from '#lib/server/failForm.ts';
import type { Actions, PageServerLoad } from './$types';

const status = z.enum(enrollmentStatuses).nullable().catch(null);

export const load: PageServerLoad = async ({ locals, params, url, depends }) => {
	depends('app:enrollments');
	const actor = requireActor(locals);
	const wanted = status.parse(url.searchParams.get('status'));
	const trail = url.searchParams.getAll('after');
	return {
		status: wanted,
		trail,
		page: await locals.withOrg((tx) =>
			listEnrollments(tx, actor, { cadenceId: params.id, status: wanted, cursor: trail.at(-1) ?? null })
		)
	};
};

const ids = (form: FormData) => form.getAll('id').map(String);

export const actions: Actions = {
	unenroll: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			const done = await locals.withOrg((tx) =>
				unenrollRecords(tx, actor, {
					target: { enrollmentIds: ids(form) },
					reason: String(form.get('reason') ?? '')
				})
			);
			return { count: done.kind === 'done' ? done.unenrolled : done.total };
		} catch (error) {
			return failForm(error);
		}
	},
	pause: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const until = String(form.get('until') ?? '');
		try {
			const { paused } = await locals.withOrg((tx) =>
				pauseEnrollments(tx, actor, {
					enrollmentIds: ids(form),
					...(until ? { until: new Date(until) } : {})
				})
			);
			return { count: paused };
		} catch (error) {
			return failForm(error);
		}
	},
	resume: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			const { resumed } = await locals.withOrg((tx) =>
				resumeEnrollments(tx, actor, { enrollmentIds: ids(form) })
			);
			return { count: resumed };
		} catch (error) {
			return failForm(error);
		}
	},
	restart: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			const { restarted } = await locals.withOrg((tx) =>
				restartEnrollments(tx, actor, { enrollmentIds: ids(form) })
			);
			return { count: restarted };
		} catch (error) {
			return failForm(error);
		}
	}
};
