import { redirect } from '@sveltejs/kit';
import { can, canInModule } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { convertLead } from '#lib/server/records/convertLead.ts';
import { getRecord } from '#lib/server/records/getRecord.ts';
import { getTimeline } from '#lib/server/records/getTimeline.ts';
import { listDuplicates } from '#lib/server/records/listDuplicates.ts';
import { listRecordActivities } from '#lib/server/records/listRecordActivities.ts';
import { listRecordCadences } from '#lib/server/records/listRecordCadences.ts';
import { listRecordMessages } from '#lib/server/records/listRecordMessages.ts';
import { listSuccessors } from '#lib/server/records/listSuccessors.ts';
import { updateRecord } from '#lib/server/records/updateRecord.ts';
import { getCadenceColumns } from '#lib/server/users/getCadenceColumns.ts';
import { readValues } from '../readValues.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, depends }) => {
	depends('app:record');
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => {
		const { module, record, names } = await getRecord(tx, actor, params.id, params.module);
		const over = record.deletedAt ?? record.convertedAt;
		return {
			breadcrumb: [{ label: module.plural, href: `/${module.key}` }, { label: record.name }],
			record,
			names,
			successors: over ? await listSuccessors(tx, actor, params.id) : [],
			duplicates: over ? [] : await listDuplicates(tx, actor, module, record),
			cadences: can(actor, 'cadences.view') ? await listRecordCadences(tx, actor, params.id) : [],
			cadenceColumns: await getCadenceColumns(tx, actor),
			activities: await listRecordActivities(tx, actor, params.id),
			messages: await listRecordMessages(tx, actor, params.id),
			timeline: await getTimeline(tx, actor, { recordId: params.id }),
			can: {
				edit: canInModule(actor, params.module, 'edit'),
				delete: canInModule(actor, params.module, 'delete'),
				createContacts: canInModule(actor, 'contacts', 'create'),
				seeCadences: can(actor, 'cadences.view'),
				enroll: can(actor, 'cadences.enroll'),
				unenroll: can(actor, 'cadences.unenroll')
			}
		};
	});
};

export const actions: Actions = {
	update: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		try {
			const form = await request.formData();
			const values = readValues(form);
			const modifiedAt = form.get('modifiedAt');
			await locals.withOrg((tx) =>
				updateRecord(tx, actor, {
					recordId: params.id,
					moduleKey: params.module,
					values,
					modifiedAt: typeof modifiedAt === 'string' ? modifiedAt : undefined
				})
			);
		} catch (error) {
			return failForm(error);
		}
		return { saved: true };
	},
	/** CRM-5 */
	convert: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const dealName = String(form.get('dealName') ?? '').trim();
		let contactId: string;
		try {
			({ contactId } = await locals.withOrg(async (tx) => {
				await getRecord(tx, actor, params.id, params.module);
				return convertLead(tx, actor, {
					recordId: params.id,
					account: form.get('account') !== 'no',
					deal: dealName ? { dealName } : null
				});
			}));
		} catch (error) {
			return failForm(error);
		}
		redirect(303, `/contacts/${contactId}`);
	}
};
