import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { getOperations } from '#lib/server/operations/getOperations.ts';
import { resendWebhooks } from '#lib/server/operations/resendWebhooks.ts';
import {
	dropQuarantined,
	retryQuarantined,
	setAsideSchema
} from '#lib/server/operations/resolveQuarantined.ts';
import { plural } from '#lib/ui/plural.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

export const load: PageServerLoad = async ({ locals, depends }) => {
	const actor = requireActor(locals);
	depends('app:operations');
	return {
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'Operations' }],
		operations: await locals.withOrg((tx) => getOperations(tx, actor))
	};
};

const resolve =
	(operation: typeof retryQuarantined, saved: string) =>
	async ({ locals, request }: RequestEvent) => {
		const actor = requireActor(locals);
		try {
			const form = await request.formData();
			const input = setAsideSchema.parse({ kind: form.get('kind'), id: form.get('id') });
			await locals.withOrg((tx) => operation(tx, actor, input));
		} catch (error) {
			return failForm(error);
		}
		return { saved };
	};

export const actions: Actions = {
	retry: resolve(retryQuarantined, 'The engine takes it again. If it fails once more, it comes back here.'),
	drop: resolve(dropQuarantined, 'Done.'),
	/** GRA-8 */
	resend: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const wanted = form.get('all') === 'yes' ? { all: true as const } : { id: String(form.get('id') ?? '') };
		try {
			const count = await locals.withOrg((tx) => resendWebhooks(tx, actor, wanted));
			return {
				saved: `${plural(count, 'webhook is', 'webhooks are')} on the way. What is not taken again comes back here.`
			};
		} catch (error) {
			return failForm(error);
		}
	}
};
