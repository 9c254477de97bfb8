import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { writeAudit } from '../../audit.ts';
import type { OrgTx } from '../../db/client.ts';
import { seal, unseal } from '../../secrets.ts';
import { newWebhookSecret } from './signWebhook.ts';

const placeOf = (orgId: string) => `${orgId}|webhook_secrets|secret_sealed|${orgId}`;

/** The secret that signs the organization's webhooks, made when it is first asked for; under `app.org`. */
export async function getWebhookSecret(tx: OrgTx, orgId: string): Promise<string> {
	const read = () =>
		tx.execute<{ secret_sealed: string }>(
			sql`select secret_sealed from webhook_secrets where org_id = ${orgId}::uuid`
		);
	let [row] = await read();
	if (!row) {
		await tx.execute(sql`
			insert into webhook_secrets (org_id, secret_sealed)
			values (${orgId}::uuid, ${seal(newWebhookSecret(), placeOf(orgId))}) on conflict do nothing`);
		[row] = await read();
	}
	return unseal(row!.secret_sealed, placeOf(orgId));
}

/** Shown to administrators, who put it where the webhooks are received. @throws forbidden */
export async function showWebhookSecret(tx: OrgTx, actor: Actor): Promise<string> {
	requirePermission(actor, 'admin');
	return getWebhookSecret(tx, actor.orgId);
}

/** The next webhook is signed with the new secret; the old one is worth nothing any more. @throws forbidden */
export async function rotateWebhookSecret(tx: OrgTx, actor: Actor): Promise<string> {
	requirePermission(actor, 'admin');
	const secret = newWebhookSecret();
	const sealed = seal(secret, placeOf(actor.orgId));
	await tx.execute(sql`
		insert into webhook_secrets (org_id, secret_sealed) values (${actor.orgId}::uuid, ${sealed})
		on conflict (org_id) do update set secret_sealed = excluded.secret_sealed, created_at = app.now()`);
	await writeAudit(tx, actor, {
		action: 'webhook.rotateSecret',
		objectType: 'organization',
		objectId: actor.orgId
	});
	return secret;
}
