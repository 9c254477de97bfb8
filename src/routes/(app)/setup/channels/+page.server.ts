import { fail } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { saveWhatsappAccount } from '#lib/server/channels/whatsapp/saveWhatsappAccount.ts';
import { rotateWebhookSecret, showWebhookSecret } from '#lib/server/channels/webhook/webhookSecret.ts';
import { failForm } from '#lib/server/failForm.ts';
import { createSender } from '#lib/server/senders/createSender.ts';
import { relaySchema, removeRelay, saveRelay } from '#lib/server/channels/email/saveRelay.ts';
import { getWebDb } from '#lib/server/db/pools.ts';
import { removeSender } from '#lib/server/senders/removeSender.ts';
import { updateSender, updateSenderSchema } from '#lib/server/senders/updateSender.ts';
import { listTemplates } from '#lib/server/templates/listTemplates.ts';
import { getChannelSetup } from '#lib/server/senders/getChannelSetup.ts';
import { listUsers } from '#lib/server/users/listUsers.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => ({
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'E-mail and WhatsApp' }],
		setup: await getChannelSetup(tx, actor),
		users: await listUsers(tx, actor),
		templates: (await listTemplates(tx, actor)).map(({ id, name, module }) => ({
			id,
			name,
			moduleKey: module?.key ?? null
		}))
	}));
};

const text = (form: FormData, name: string) => String(form.get(name) ?? '');

/** Several forms on one page: each shows what came of its own. */
function failPart(part: 'sender' | 'relay' | 'whatsapp' | 'webhook', error: unknown) {
	const { status, data } = failForm(error);
	return fail(status, { ...data, part });
}

export const actions: Actions = {
	showWebhookSecret: async ({ locals }) => {
		const actor = requireActor(locals);
		try {
			return { secret: await locals.withOrg((tx) => showWebhookSecret(tx, actor)) };
		} catch (error) {
			return failPart('webhook', error);
		}
	},
	rotateWebhookSecret: async ({ locals }) => {
		const actor = requireActor(locals);
		try {
			const secret = await locals.withOrg((tx) => rotateWebhookSecret(tx, actor));
			return {
				secret,
				saved: 'New secret. Give it to the receivers: the old one is worth nothing any more.'
			};
		} catch (error) {
			return failPart('webhook', error);
		}
	},
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
			return failPart('sender', error);
		}
		return { saved: 'Sender added.' };
	},
	update: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			const input = updateSenderSchema.parse({
				senderId: text(form, 'senderId'),
				name: form.has('name') ? text(form, 'name') : undefined,
				status: text(form, 'status') || undefined
			});
			await locals.withOrg((tx) => updateSender(tx, actor, input));
			const saved = { active: 'Sender resumed.', paused: 'Sender paused. Its e-mails wait.' };
			return { saved: input.status ? saved[input.status] : 'Sender renamed.' };
		} catch (error) {
			return failPart('sender', error);
		}
	},
	remove: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			await locals.withOrg((tx) => removeSender(tx, actor, text(form, 'senderId')));
		} catch (error) {
			return failPart('sender', error);
		}
		return { saved: 'Sender removed.' };
	},
	relay: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			const security = relaySchema.shape.security.parse(text(form, 'security'));
			await saveRelay(getWebDb(), actor, {
				host: text(form, 'host'),
				port: text(form, 'port'),
				security,
				username: text(form, 'username'),
				password: text(form, 'password')
			});
		} catch (error) {
			return failPart('relay', error);
		}
		return { saved: 'E-mails leave through this relay from now on.' };
	},
	systemRelay: async ({ locals }) => {
		const actor = requireActor(locals);
		try {
			await removeRelay(getWebDb(), actor);
		} catch (error) {
			return failPart('relay', error);
		}
		return { saved: 'E-mails leave through the relay of this installation.' };
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
			return failPart('whatsapp', error);
		}
		return { saved: 'WhatsApp is connected. Its templates are being read.' };
	}
};
