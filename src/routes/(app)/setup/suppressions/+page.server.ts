import { z } from 'zod';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { normalizeEmail } from '#lib/domain/crm/addresses.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { liftSuppression } from '#lib/server/suppressions/liftSuppression.ts';
import { listSuppressions } from '#lib/server/suppressions/listSuppressions.ts';
import { suppressAddresses } from '#lib/server/suppressions/suppressAddresses.ts';
import type { Actions, PageServerLoad } from './$types';

const pageSize = 50;
const cursor = z
	.string()
	.regex(/^\d{1,15}~[0-9a-f-]{36}$/)
	.transform((text) => {
		const [at = '', id = ''] = text.split('~');
		return { at: new Date(Number(at)), id };
	});

export const load: PageServerLoad = async ({ locals, url }) => {
	const actor = requireActor(locals);
	const search = (url.searchParams.get('q') ?? '').slice(0, 200);
	const includeLifted = url.searchParams.has('lifted');
	const after = cursor.safeParse(url.searchParams.get('after'));
	const rows = await locals.withOrg((tx) =>
		listSuppressions(tx, actor, {
			search,
			includeLifted,
			...(after.success ? { after: after.data } : {}),
			limit: pageSize + 1
		})
	);
	const last = rows[pageSize - 1];
	return {
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'Suppressions' }],
		search,
		includeLifted,
		first: !after.success,
		rows: rows.slice(0, pageSize),
		nextCursor: rows.length > pageSize && last ? `${last.at.getTime()}~${last.id}` : null
	};
};

export const actions: Actions = {
	lift: async ({ locals, request }) => {
		const actor = requireActor(locals);
		try {
			const form = await request.formData();
			const input = { suppressionId: String(form.get('id') ?? ''), reason: String(form.get('reason') ?? '') };
			await locals.withOrg((tx) => liftSuppression(tx, actor, input));
		} catch (error) {
			return failForm(error);
		}
		return { saved: 'The address may be written to again.' };
	},
	add: async ({ locals, request }) => {
		const actor = requireActor(locals);
		try {
			const address = normalizeEmail(String((await request.formData()).get('address') ?? ''));
			await locals.withOrg(async (tx) => {
				requirePermission(actor, 'admin');
				if (!address) throw new DomainError('invalid', 'Enter one e-mail address.', '/address');
				await suppressAddresses(tx, [
					{
						orgId: actor.orgId,
						channel: 'email',
						address,
						reason: 'manual',
						source: 'setup',
						createdBy: actor.userId
					}
				]);
			});
		} catch (error) {
			return failForm(error);
		}
		return { saved: 'Nothing is sent to this address any more.' };
	}
};
