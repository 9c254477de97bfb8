import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';

export type NewSuppression = {
	orgId: string;
	channel: 'email' | 'whatsapp' | 'call';
	/** Normalised: lower-case e-mail, E.164 phone. */
	address: string;
	reason: 'unsubscribed' | 'bounced' | 'complaint' | 'opt_out' | 'manual';
	source: string;
	messageId?: string | null;
	createdBy?: string | null;
};

/** CHA-2: acts at once on every record, module and cadence with the address. An open entry stays as it is. */
export async function suppressAddresses(tx: Executor, rows: readonly NewSuppression[]): Promise<void> {
	if (!rows.length) return;
	await tx.execute(sql`
		insert into suppressions (org_id, id, channel, address, reason, source, message_id, created_by, at)
		select r."orgId", app.new_id(), r.channel, r.address, r.reason, r.source, r."messageId", r."createdBy", app.now()
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r("orgId" uuid, channel text, address text, reason text,
			source text, "messageId" uuid, "createdBy" uuid)
		order by r."orgId", r.channel, r.address
		on conflict (org_id, channel, address, reason) where lifted_at is null do nothing`);
}
