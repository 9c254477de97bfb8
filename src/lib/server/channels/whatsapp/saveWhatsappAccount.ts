import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { writeAudit } from '../../audit.ts';
import type { OrgTx } from '../../db/client.ts';
import { newId } from '../../db/id.ts';
import { whatsappAccounts } from '../../db/schema/channels.ts';
import { enqueue } from '../../jobs.ts';
import { seal } from '../../secrets.ts';
import { secretPlace } from './account.ts';

export const whatsappAccountSchema = z.object({
	name: nameText('Give the account a name.').max(100),
	baseUrl: z.url({ protocol: /^https?$/, error: 'Use an address such as https://graph.facebook.com.' }),
	apiVersion: z
		.string()
		.regex(/^v\d{1,3}\.\d{1,2}$/, 'Use a version such as v24.0.')
		.default('v24.0'),
	phoneNumberId: z.string().regex(/^\d{3,32}$/, 'The phone number id has digits only.'),
	businessAccountId: z.string().regex(/^\d{3,32}$/, 'The business account id has digits only.'),
	token: z.string().min(1, 'Enter the access token.').max(1000),
	appSecret: z.string().min(1, 'Enter the app secret.').max(200),
	verifyToken: z.string().min(8, 'Use at least 8 characters.').max(200)
});

/** CHA-3: connects the organization's WhatsApp business account; secrets are write-only. Templates are read at once. */
export async function saveWhatsappAccount(
	tx: OrgTx,
	actor: Pick<Actor, 'orgId' | 'userId' | 'permissions'>,
	input: z.input<typeof whatsappAccountSchema>
): Promise<string> {
	requirePermission(actor, 'admin');
	const { token, appSecret, verifyToken, ...plain } = whatsappAccountSchema.parse(input);
	const [existing] = await tx
		.select({ id: whatsappAccounts.id })
		.from(whatsappAccounts)
		.where(eq(whatsappAccounts.orgId, actor.orgId));
	const id = existing?.id ?? newId();
	const values = {
		...plain,
		tokenSealed: seal(token, secretPlace(actor.orgId, 'token_sealed', id)),
		appSecretSealed: seal(appSecret, secretPlace(actor.orgId, 'app_secret_sealed', id)),
		verifyTokenSealed: seal(verifyToken, secretPlace(actor.orgId, 'verify_token_sealed', id)),
		status: 'connected' as const,
		pausedReason: null
	};
	await tx
		.insert(whatsappAccounts)
		.values({ orgId: actor.orgId, id, ...values })
		.onConflictDoUpdate({ target: whatsappAccounts.orgId, set: values });
	await writeAudit(tx, actor, {
		action: 'whatsapp.connect',
		objectType: 'whatsappAccount',
		objectId: id,
		after: { name: plain.name, baseUrl: plain.baseUrl, phoneNumberId: plain.phoneNumberId }
	});
	await enqueue(tx, 'whatsappSyncTemplates', { orgId: actor.orgId }, { key: `whatsappSync:${actor.orgId}` });
	return id;
}
