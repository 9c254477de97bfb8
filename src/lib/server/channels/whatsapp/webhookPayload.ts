import { z } from 'zod';
import { getLog } from '../../log.ts';

/** What is not understood is passed by: what comes with it must not be lost. */
const eachUnderstood = <T>(one: z.ZodType<T>) =>
	z
		.array(
			one.nullable().catch(({ issues }) => {
				getLog().warn({ issues: issues.length }, 'WhatsApp event not understood');
				return null;
			})
		)
		.transform((all) => all.filter((found) => found !== null));

const error = z.looseObject({
	code: z.number(),
	title: z.string().default(''),
	message: z.string().default(''),
	error_data: z.looseObject({ details: z.string().default('') }).optional()
});
const status = z.looseObject({
	id: z.string().max(300),
	status: z.string(),
	timestamp: z.string().optional(),
	recipient_id: z.string().optional(),
	biz_opaque_callback_data: z.string().max(512).optional(),
	errors: z.array(error).optional()
});
const incoming = z.looseObject({
	id: z.string().max(300),
	/** Absent for people with a user name and no contact so far. */
	from: z.string().optional(),
	type: z.string(),
	text: z.looseObject({ body: z.string() }).optional(),
	button: z.looseObject({ payload: z.string().optional(), text: z.string().optional() }).optional(),
	interactive: z
		.looseObject({ button_reply: z.looseObject({ id: z.string(), title: z.string() }).optional() })
		.optional(),
	context: z.looseObject({ id: z.string().optional() }).optional()
});
const preference = z.looseObject({
	wa_id: z.string().optional(),
	category: z.string(),
	value: z.string(),
	timestamp: z.union([z.number(), z.string()]).optional()
});

/** The envelope of every webhook (CHANNELS.md 6); unknown fields and kinds are let pass. */
export const webhookSchema = z.looseObject({
	object: z.literal('whatsapp_business_account'),
	entry: eachUnderstood(
		z.looseObject({
			id: z.string(),
			changes: eachUnderstood(
				z.looseObject({
					field: z.string(),
					value: z.looseObject({
						metadata: z.looseObject({ phone_number_id: z.string().optional() }).optional(),
						statuses: eachUnderstood(status).optional(),
						messages: eachUnderstood(incoming).optional(),
						user_preferences: eachUnderstood(preference).optional(),
						event: z.string().optional(),
						message_template_id: z.union([z.string(), z.number()]).optional()
					})
				})
			)
		})
	)
});
export type WhatsappStatus = z.infer<typeof status>;
export type WhatsappIncoming = z.infer<typeof incoming>;
export type WhatsappPreference = z.infer<typeof preference>;
export type WhatsappWebhook = z.infer<typeof webhookSchema>;

/** The button or the words of an incoming message. */
export function readIncoming(message: WhatsappIncoming): { text: string; button: string | null } {
	const button =
		message.button?.payload ?? message.button?.text ?? message.interactive?.button_reply?.title ?? null;
	return { text: message.text?.body ?? message.button?.text ?? button ?? `(${message.type})`, button };
}
