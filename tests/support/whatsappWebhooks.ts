import { createHmac } from 'node:crypto';
import { standInSecrets } from './whatsapp.ts';

/** A change object of the Cloud API's webhooks. */
export type Change = { statuses?: object[]; messages?: object[]; contacts?: object[] };

/** A signed webhook, as the provider posts it; false: not acknowledged, so it will come again. */
export async function postWebhook(origin: string, changes: readonly Change[]): Promise<boolean> {
	const body = JSON.stringify({
		object: 'whatsapp_business_account',
		entry: [
			{
				id: standInSecrets.businessAccountId,
				changes: changes.map((value) => ({
					field: 'messages',
					value: {
						messaging_product: 'whatsapp',
						metadata: { display_phone_number: '15550000000', phone_number_id: standInSecrets.phoneNumberId },
						...value
					}
				}))
			}
		]
	});
	const signature = createHmac('sha256', standInSecrets.appSecret).update(body).digest('hex');
	return fetch(`${origin}/hooks/whatsapp`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
		body
	}).then(
		async (response) => {
			await response.arrayBuffer();
			return response.ok;
		},
		() => false
	);
}

export const statusOf = (wamid: string, status: string, callbackData: string | null) => ({
	id: wamid,
	status,
	timestamp: String(Math.floor(Date.now() / 1000)),
	recipient_id: '15550000000',
	...(callbackData === null ? {} : { biz_opaque_callback_data: callbackData }),
	...(status === 'failed' ? { errors: [{ code: 131026, title: 'Message undeliverable' }] } : {})
});
