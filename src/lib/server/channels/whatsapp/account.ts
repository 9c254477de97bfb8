import { eq } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { whatsappAccounts } from '../../db/schema/channels.ts';
import { unseal } from '../../secrets.ts';

/** An organization's connection to the Cloud API, with its secrets opened. Never logged, never sent to a browser. */
export type WhatsappAccount = {
	orgId: string;
	id: string;
	baseUrl: string;
	apiVersion: string;
	phoneNumberId: string;
	businessAccountId: string;
	token: string;
	appSecret: string;
	verifyToken: string;
	status: 'connected' | 'paused';
};

/** The place a secret is sealed for (server/secrets.ts). */
export const secretPlace = (orgId: string, column: string, id: string): string =>
	`${orgId}|whatsapp_accounts|${column}|${id}`;

/** Reads under the organization of the transaction; null when none is connected. */
export async function findWhatsappAccount(tx: Executor, orgId: string): Promise<WhatsappAccount | null> {
	const [row] = await tx.select().from(whatsappAccounts).where(eq(whatsappAccounts.orgId, orgId));
	if (!row) return null;
	const open = (column: string, sealed: string) => unseal(sealed, secretPlace(orgId, column, row.id));
	return {
		orgId,
		id: row.id,
		baseUrl: row.baseUrl,
		apiVersion: row.apiVersion,
		phoneNumberId: row.phoneNumberId,
		businessAccountId: row.businessAccountId,
		token: open('token_sealed', row.tokenSealed),
		appSecret: open('app_secret_sealed', row.appSecretSealed),
		verifyToken: open('verify_token_sealed', row.verifyTokenSealed),
		status: row.status
	};
}
