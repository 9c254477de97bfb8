import { createHmac, randomBytes } from 'node:crypto';

export type WebhookHeaders = {
	'webhook-id': string;
	'webhook-timestamp': string;
	'webhook-signature': string;
};

const prefix = 'whsec_';

/** A signing secret as Standard Webhooks writes it. */
export const newWebhookSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`;

/** Standard Webhooks: HMAC-SHA256 over id, time and the exact bytes of the body. */
export function signWebhook(secret: string, id: string, at: Date, body: Buffer): WebhookHeaders {
	const timestamp = String(Math.floor(at.getTime() / 1000));
	const key = Buffer.from(secret.slice(prefix.length), 'base64');
	const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
	return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
