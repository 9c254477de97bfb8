import type { OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { whatsappAccounts, whatsappTemplates } from '../../src/lib/server/db/schema/channels.ts';
import { seal } from '../../src/lib/server/secrets.ts';
import { secretPlace } from '../../src/lib/server/channels/whatsapp/account.ts';
import { standInTemplates } from '../../src/lib/server/channels/whatsapp/standInTemplates.ts';

/** What the stand-in and the account agree on. */
export const standInSecrets = {
	token: 'stand-in-token',
	appSecret: 'stand-in-app-secret',
	verifyToken: 'stand-in-verify-token',
	phoneNumberId: '100000000000001',
	businessAccountId: '200000000000001'
} as const;

/**
 * Connects an organization to the stand-in at `baseUrl`, its templates included; as an administrator would.
 * @returns template ids by name
 */
export async function connectStandIn(
	tx: OrgTx,
	orgId: string,
	baseUrl: string
): Promise<Map<string, string>> {
	const id = newId();
	const sealed = (column: string, value: string) => seal(value, secretPlace(orgId, column, id));
	await tx.insert(whatsappAccounts).values({
		orgId,
		id,
		name: 'Stand-in',
		baseUrl,
		phoneNumberId: standInSecrets.phoneNumberId,
		businessAccountId: standInSecrets.businessAccountId,
		tokenSealed: sealed('token_sealed', standInSecrets.token),
		appSecretSealed: sealed('app_secret_sealed', standInSecrets.appSecret),
		verifyTokenSealed: sealed('verify_token_sealed', standInSecrets.verifyToken)
	});
	const ids = new Map<string, string>(standInTemplates.map((template) => [template.name, newId()]));
	await tx.insert(whatsappTemplates).values(
		standInTemplates.map((template) => ({
			orgId,
			id: ids.get(template.name)!,
			providerId: template.id,
			name: template.name,
			language: template.language,
			category: template.category,
			status: template.status,
			components: structuredClone(
				template.components
			) as unknown as (typeof whatsappTemplates.$inferInsert)['components']
		}))
	);
	return ids;
}
