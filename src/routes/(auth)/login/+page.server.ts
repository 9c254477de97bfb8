import { redirect } from '@sveltejs/kit';
import { safeReturnPath } from '#lib/server/auth/requestOrigin.ts';
import { signIn } from '#lib/server/auth/signIn.ts';
import { getWebDb } from '#lib/server/db/pools.ts';
import { failForm } from '#lib/server/failForm.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, url }) => {
	if (locals.actor) redirect(303, safeReturnPath(url.searchParams.get('return')));
};

export const actions: Actions = {
	default: async ({ request, cookies, url, getClientAddress }) => {
		const form = await request.formData();
		const input = { email: String(form.get('email') ?? ''), password: String(form.get('password') ?? '') };
		const client = { ip: getClientAddress(), userAgent: request.headers.get('user-agent') ?? undefined };
		try {
			const { cookie } = await signIn(getWebDb(), input, client);
			cookies.set(cookie.name, cookie.value, { ...cookie.attributes, path: '/' });
		} catch (error) {
			return failForm(error);
		}
		redirect(303, safeReturnPath(url.searchParams.get('return')));
	}
};
