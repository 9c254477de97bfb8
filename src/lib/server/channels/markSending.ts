import { sql } from 'drizzle-orm';
import type { Db } from '../db/client.ts';
import { executePrepared } from '../db/prepared.ts';
import { Batcher } from './batcher.ts';
import { sendingLeaseSeconds, type ClaimedMessage } from './outbox.ts';
import { retryWrite } from './retryWrite.ts';

/** The text as rendered, stored before any byte leaves: tokens in it must resolve from the first second on. */
export type SendingMark = {
	message: Pick<ClaimedMessage, 'orgId' | 'id' | 'claim' | 'attempt'>;
	subject: string | null;
	html: string | null;
	links: string[];
	templateVersion: number | null;
	inReplyTo: string | null;
};

/** Where a hand-over asks whether it may go on. */
export type SendingMarks = { add: (mark: SendingMark) => Promise<boolean> };

/** While one set waits for the disk the next one is written: a line waits for one commit instead of one and a half. */
const setsAtOnce = 2;

/**
 * The point of no return (RELIABILITY.md 2.2): claimed -> sending, fenced by claim and attempt, in sets. Resolves to
 * false where the claim no longer holds; then nothing may be sent. Each row by its key: the plan is kept, and one from
 * when the table was small reads all of it for every set.
 */
export function createSendingMarks(db: Db): Batcher<SendingMark, boolean> {
	return new Batcher(
		async (marks) => {
			const rows = marks.map(({ message, ...rest }) => ({
				orgId: message.orgId,
				id: message.id,
				claim: message.claim,
				attempt: message.attempt,
				...rest
			}));
			// A repeated write may find that its first try landed although the answer was lost: the fence says it was ours.
			const landed = await retryWrite(
				(attempt) =>
					executePrepared<{ id: string }>(
						db,
						sql`
			with r as (select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r("orgId" uuid, id uuid, claim uuid,
					attempt int, subject text, html text, links text[], "templateVersion" int, "inReplyTo" text)),
				locked as (select m.* from (select "orgId", id from r order by 1, 2) k cross join lateral (
					select org_id, id from messages where org_id = k."orgId" and id = k.id offset 0 for update) m)
			update messages m set status = 'sending', subject = r.subject, html = r.html, links = r.links,
				template_version = r."templateVersion", in_reply_to = r."inReplyTo",
				lease_until = clock_timestamp() + make_interval(secs => ${sendingLeaseSeconds})
			from r, locked l
			where l.org_id = r."orgId" and l.id = r.id and m.org_id = l.org_id and m.id = l.id
				and (m.status = 'claimed' or (${attempt > 0} and m.status = 'sending'))
				and m.claim = r.claim and m.attempt = r.attempt
			returning m.id`
					),
				30_000
			);
			const ids = new Set(landed.map((row) => row.id));
			return marks.map(({ message }) => ids.has(message.id));
		},
		{ atOnce: setsAtOnce }
	);
}
