import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';

/** A comment on a canvas, and who is to hear of it. */
type Said = {
	commentId: string;
	by: string;
	text: string;
	mentions: readonly string[];
	answers: string | null;
};

/**
 * COL-3: tells the people whom comments name, and those who are answered, in one statement. Nobody hears of what they
 * said themselves, of the same comment twice, or of a cadence they may not see (PER-2).
 */
export async function notifyMentioned(
	tx: OrgTx,
	{ orgId, cadenceId }: { orgId: string; cadenceId: string },
	comments: readonly Said[]
): Promise<void> {
	const notices = comments.flatMap(({ commentId, by, text, mentions, answers }) =>
		[...new Set([...mentions, ...(answers ? [answers] : [])])]
			.filter((userId) => userId !== by)
			.map((userId) => ({ commentId, by, text, userId, named: mentions.includes(userId) }))
	);
	if (!notices.length) return;
	await tx.execute(sql`
		insert into notifications (org_id, id, user_id, kind, title, body, link, dedupe_key, created_at)
		select u.org_id, app.new_id(), u.id, 'mention',
			left(a.name || case when n.named then ' mentioned you in ' else ' answered you in ' end || c.name, 200),
			left(n.text, 500), '/cadences/' || c.id || '/edit?comment=' || n."commentId",
			'comment/' || c.id || '/' || n."commentId", app.now()
		from jsonb_to_recordset(${JSON.stringify(notices)}::jsonb) as n("commentId" text, by uuid, text text, "userId" uuid,
			named boolean)
		join users u on u.org_id = ${orgId} and u.id = n."userId" and u.active
		join profiles p on p.org_id = u.org_id and p.id = u.profile_id
		join users a on a.org_id = u.org_id and a.id = n.by
		join cadences c on c.org_id = u.org_id and c.id = ${cadenceId}
		where (p.permissions->>'manageAutomation')::boolean or (p.permissions->'cadences') @? '$.* ? (@ == true)'
		on conflict (org_id, user_id, dedupe_key) where dedupe_key is not null do nothing`);
}
