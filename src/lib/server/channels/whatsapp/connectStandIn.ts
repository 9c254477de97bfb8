import { getConfig } from '../../config.ts';
import type { OrgTx } from '../../db/client.ts';
import { newId } from '../../db/id.ts';
import { whatsappAccounts, whatsappTemplates } from '../../db/schema/channels.ts';
import { seal } from '../../secrets.ts';
import { secretPlace } from './account.ts';
import { standInTemplates } from './standInTemplates.ts';

/** What the demo's stand-in and its account agree on; worth nothing outside this machine. */
export const standInSecrets = {
	token: 'stand-in-token',
	appSecret: 'stand-in-app-secret',
	verifyToken: 'stand-in-verify-token',
	phoneNumberId: '100000000000001',
	businessAccountId: '200000000000001'
} as const;

/**
 * Connects an organization to the stand-in at `baseUrl`, its templates included; for the demo and tests.
 * @returns template ids by name
 */
export async function connectStandIn(
	tx: OrgTx,
	orgId: string,
	baseUrl: string = getConfig().WHATSAPP_BASE_URL,
	secrets: { [K in keyof typeof standInSecrets]: string } = standInSecrets
): Promise<Map<string, string>> {
	const id = newId();
	const sealed = (column: string, value: string) => seal(value, secretPlace(orgId, column, id));
	await tx.insert(whatsappAccounts).values({
		orgId,
		id,
		name: 'Stand-in',
		baseUrl,
		phoneNumberId: secrets.phoneNumberId,
		businessAccountId: secrets.businessAccountId,
		tokenSealed: sealed('token_sealed', secrets.token),
		appSecretSealed: sealed('app_secret_sealed', secrets.appSecret),
		verifyTokenSealed: sealed('verify_token_sealed', secrets.verifyToken)
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
