import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { messageStatuses } from '../db/schema/channels.ts';
import { getRecord } from './getRecord.ts';

const instant = z.coerce.date().nullable();
const row = z.object({
	id: z.string(),
	channel: z.enum(['email', 'whatsapp']),
	status: z.enum(messageStatuses),
	subject: z.string().nullable(),
	toAddress: z.string(),
	cadenceName: z.string().nullable(),
	queuedAt: z.coerce.date(),
	sentAt: instant,
	deliveredAt: instant,
	openedAt: instant,
	clickedAt: instant,
	repliedAt: instant,
	bouncedAt: instant,
	readAt: instant,
	waitReason: z.string().nullable(),
	errorText: z.string().nullable()
});
export type RecordMessage = z.infer<typeof row>;

/** CRM-8: the newest 100 e-mails and WhatsApp messages of a record with what came of them. */
export async function listRecordMessages(
	tx: OrgTx,
	actor: Actor,
	recordId: string
): Promise<RecordMessage[]> {
	const { record } = await getRecord(tx, actor, recordId);
	const rows = await tx.execute(sql`
		select m.id, m.channel, m.status, m.subject, m.to_address as "toAddress", c.name as "cadenceName",
			m.queued_at as "queuedAt", m.sent_at as "sentAt", m.delivered_at as "deliveredAt",
			m.opened_at as "openedAt", m.clicked_at as "clickedAt", m.replied_at as "repliedAt",
			m.bounced_at as "bouncedAt", m.read_at as "readAt", m.wait_reason as "waitReason",
			m.error_text as "errorText"
		from messages m left join cadences c on c.org_id = m.org_id and c.id = m.cadence_id
		where m.org_id = app.org_id() and m.record_id = ${record.id}::uuid
		order by m.queued_at desc, m.id limit 100`);
	return z.array(row).parse([...rows]);
}
