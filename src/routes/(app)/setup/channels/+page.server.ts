import { requireActor } from '#lib/server/auth/requireActor.ts';
import { saveWhatsappAccount } from '#lib/server/channels/whatsapp/saveWhatsappAccount.ts';
import { failForm } from '#lib/server/failForm.ts';
import { createSender } from '#lib/server/senders/createSender.ts';
import { getChannelSetup } from '#lib/server/senders/getChannelSetup.ts';
import { listUsers } from '#lib/server/users/listUsers.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => ({
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'E-mail and WhatsApp' }],
		setup: await getChannelSetup(tx, actor),
		users: await listUsers(tx, actor)
	}));
};

const text = (form: FormData, name: string) => String(form.get(name) ?? '');

export const actions: Actions = {
	sender: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const input = {
			name: text(form, 'name'),
			address: text(form, 'address'),
			userId: text(form, 'userId') || null
		};
		try {
			await locals.withOrg((tx) => createSender(tx, actor, input));
		} catch (error) {
			return failForm(error);
		}
		return { saved: 'Sender added.' };
	},
	whatsapp: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const input = {
			name: text(form, 'name'),
			baseUrl: text(form, 'baseUrl'),
			apiVersion: text(form, 'apiVersion'),
			phoneNumberId: text(form, 'phoneNumberId'),
			businessAccountId: text(form, 'businessAccountId'),
			token: text(form, 'token'),
			appSecret: text(form, 'appSecret'),
			verifyToken: text(form, 'verifyToken')
		};
		try {
			await locals.withOrg((tx) => saveWhatsappAccount(tx, actor, input));
		} catch (error) {
			return failForm(error);
		}
		return { saved: 'WhatsApp is connected. Its templates are being read.' };
	}
};
