import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { listSenders, type SenderItem } from './listSenders.ts';

const rows = z.object({
	relay: z
		.object({ host: z.string(), port: z.number(), security: z.string(), username: z.string() })
		.nullable(),
	whatsapp: z
		.object({
			name: z.string(),
			baseUrl: z.string(),
			apiVersion: z.string(),
			phoneNumberId: z.string(),
			businessAccountId: z.string(),
			status: z.enum(['connected', 'paused']),
			pausedReason: z.string().nullable()
		})
		.nullable(),
	mailDomain: z.string()
});
export type ChannelSetup = z.infer<typeof rows> & { senders: SenderItem[] };

/** CHA-1, CHA-3: how the organization sends; secrets are write-only and never read here. */
export async function getChannelSetup(tx: OrgTx, actor: Actor): Promise<ChannelSetup> {
	requirePermission(actor, 'admin');
	const [found] = await tx.execute(sql`
		select o.mail_domain as "mailDomain",
			(select jsonb_build_object('host', r.host, 'port', r.port, 'security', r.security, 'username', r.username)
				from email_relays r where r.org_id = o.id) as relay,
			(select jsonb_build_object('name', w.name, 'baseUrl', w.base_url, 'apiVersion', w.api_version,
					'phoneNumberId', w.phone_number_id, 'businessAccountId', w.business_account_id, 'status', w.status,
					'pausedReason', w.paused_reason)
				from whatsapp_accounts w where w.org_id = o.id) as whatsapp
		from organizations o where o.id = ${actor.orgId}`);
	return { ...rows.parse(found), senders: await listSenders(tx, actor) };
}
