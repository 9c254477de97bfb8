import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';

const row = z.object({
	id: z.string(),
	channel: z.enum(['email', 'whatsapp', 'call']),
	address: z.string(),
	reason: z.enum(['unsubscribed', 'bounced', 'complaint', 'opt_out', 'manual']),
	source: z.string(),
	at: z.coerce.date(),
	liftedAt: z.coerce.date().nullable(),
	liftReason: z.string().nullable()
});
export type SuppressionRow = z.infer<typeof row>;

export type SuppressionQuery = {
	search?: string;
	includeLifted?: boolean;
	after?: { at: Date; id: string };
	limit?: number;
};

/** CHA-2: the suppression list, newest first, by keyset. */
export async function listSuppressions(
	tx: OrgTx,
	actor: Actor,
	{ search = '', includeLifted = false, after, limit = 50 }: SuppressionQuery = {}
): Promise<SuppressionRow[]> {
	requirePermission(actor, 'admin');
	const rows = await tx.execute(sql`
		select id, channel, address, reason, source, at, lifted_at as "liftedAt", lift_reason as "liftReason"
		from suppressions
		where org_id = ${actor.orgId} and (${includeLifted} or lifted_at is null)
			and (${search} = '' or position(lower(${search}) in address) > 0)
			and (${after?.at.toISOString() ?? null}::timestamptz is null
				or (at, id) < (${after?.at.toISOString() ?? null}::timestamptz, ${after?.id ?? null}::uuid))
		order by at desc, id desc limit ${Math.min(limit, 200)}`);
	return z.array(row).parse([...rows]);
}
