import { sql } from 'drizzle-orm';
import { sendMessages } from '../../../src/lib/server/channels/deliver.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import { makeChannelWorld, queue, startInbox } from '../../support/channelWorld.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { planOf } from '../../support/engineWorld.ts';
import { connectStandIn } from '../../support/whatsapp.ts';
import { postWebhook, statusOf } from '../../support/whatsappWebhooks.ts';
import { shuffle } from '../support/shuffle.ts';
import { ambiguous, startGraphApi, type Fate } from './graphApi.ts';

const COPIES = 3;
const STATUSES_PER_POST = 10;
const POSTS_AT_ONCE = 4;
const LINES = 100;

export type Options = { messages: number; silent: number; random: Random };

/** A status never goes back: what the campaign's trigger finds in the table itself. */
async function noteRegressions(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`create table regressions (id uuid, was text, now text)`);
	await db.admin.execute(sql`
		create function note_regression() returns trigger language plpgsql security definer as $$ begin
			if (old.status in ('sent', 'failed', 'unknown') and new.status in ('queued', 'claimed', 'sending'))
				or (old.status = 'sent' and new.status = 'unknown')
				or (new.status = 'failed' and (old.delivered_at is not null or old.read_at is not null))
				or (old.delivered_at is not null and new.delivered_at is distinct from old.delivered_at)
				or (old.read_at is not null and new.read_at is distinct from old.read_at)
				or (old.provider_id is not null and new.provider_id is distinct from old.provider_id) then
				insert into regressions values (new.id, old.status, new.status);
			end if;
			return null;
		end $$`);
	await db.admin.execute(
		sql`create trigger note_regression after update on messages for each row execute function note_regression()`
	);
}

const fates: [Fate, number][] = [
	['taken', 0.6],
	['cut', 0.15],
	['proxyTaken', 0.05],
	['proxyLost', 0.03],
	['busy', 0.08],
	['tooMany', 0.09]
];
function drawFate(random: Random): Fate {
	let left = random.next();
	for (const [fate, share] of fates) if ((left -= share) < 0) return fate;
	return 'taken';
}

/** E18: sends through an API that fails in every way, then tells it three times, shuffled, half of it two days late. */
export async function sendThroughFaults(db: TestDatabase, { messages, silent, random }: Options) {
	const fateById = new Map<string, Fate>();
	const api = await startGraphApi((id) => fateById.get(id) ?? 'taken');
	const inbox = await startInbox(db);
	try {
		const world = await makeChannelWorld(db, planOf([whatsapp('00000000-0000-7000-8000-000000000000')]));
		const { orgId } = world;
		const templates = await withOrg(db.owner, orgId, (tx) => connectStandIn(tx, orgId, api.url));
		await noteRegressions(db);
		const people = Array.from({ length: messages }, (_, i) => ({ to: `+1555${String(1_000_000 + i)}` }));
		const queued = await queue(db, world, 'first', people, 'whatsapp', templates.get('short_reminder')!);
		for (const [i, { messageId }] of queued.entries())
			fateById.set(messageId, i < silent ? 'silent' : drawFate(random));
		// What was refused for the moment is tried again after its back-off.
		for (let round = 0; round < 4; round++) {
			await sendMessages(db.worker, 'whatsapp', { concurrency: LINES });
			await db.admin.execute(sql`update app.clock set shift = shift + interval '10 minutes'`);
		}
		const doubtfulBefore = await countDoubtful(db, orgId);
		const told = [...api.wamids].flatMap(([id, wamid], i) => {
			// Some fail at the far end: before a delivery, and after one that then stands.
			const statuses = i % 25 === 0 ? ['sent', 'failed'] : ['sent', 'delivered', ...(i % 3 ? ['read'] : [])];
			return statuses.flatMap((status) => Array.from({ length: COPIES }, () => statusOf(wamid, status, id)));
		});
		const mixed = shuffle(told, random);
		const half = Math.floor(mixed.length / 2);
		await tell(inbox.origin, mixed.slice(0, half));
		await db.admin.execute(sql`update app.clock set shift = shift + interval '48 hours'`);
		await tell(inbox.origin, mixed.slice(half));
		return {
			...(await readEnd(db, orgId)),
			...readPosts(api.posts, fateById),
			orgId,
			doubtfulBefore,
			statuses: told.length
		};
	} finally {
		await inbox.stop();
		await api.stop();
	}
}

const whatsapp = (templateId: string) =>
	({
		kind: 'whatsapp',
		id: 'first',
		followUp: 1,
		title: 'first',
		branches: [],
		config: { templateId, recipient: 'phone', variables: { '1': 'there' } }
	}) as const satisfies Parameters<typeof planOf>[0][number];

async function tell(origin: string, statuses: object[]): Promise<void> {
	const posts: object[][] = [];
	for (let at = 0; at < statuses.length; at += STATUSES_PER_POST)
		posts.push(statuses.slice(at, at + STATUSES_PER_POST));
	const line = async () => {
		for (let part = posts.pop(); part; part = posts.pop())
			while (!(await postWebhook(origin, [{ statuses: part }])));
	};
	await Promise.all(Array.from({ length: POSTS_AT_ONCE }, line));
}

async function countDoubtful(db: TestDatabase, orgId: string): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(
		sql`select count(*)::int as n from messages where org_id = ${orgId} and status = 'unknown'`
	);
	return row!.n;
}

/** From the log of the API alone. */
function readPosts(posts: readonly { id: string; taken: boolean }[], fateById: Map<string, Fate>) {
	const byId = Map.groupBy(posts, (post) => post.id);
	let secondAfterAmbiguity = 0;
	let takenTwice = 0;
	let neverPosted = 0;
	for (const [id, fate] of fateById) {
		const own = byId.get(id) ?? [];
		if (!own.length) neverPosted++;
		if (ambiguous.has(fate) && own.length > 1) secondAfterAmbiguity++;
		if (own.filter(({ taken }) => taken).length > 1) takenTwice++;
	}
	const unknowable = [...fateById.values()].filter((fate) => ambiguous.has(fate)).length;
	const lostForGood = [...fateById.values()].filter((fate) => fate === 'proxyLost').length;
	return {
		posts: posts.length,
		ambiguous: unknowable,
		lostForGood,
		secondAfterAmbiguity,
		takenTwice,
		neverPosted
	};
}

async function readEnd(db: TestDatabase, orgId: string) {
	const [row] = await db.admin.execute<
		Record<'sent' | 'failed' | 'doubtful' | 'other' | 'regressions' | 'repeated', number>
	>(sql`
		select count(*) filter (where status = 'sent')::int as sent, count(*) filter (where status = 'failed')::int as failed,
			count(*) filter (where status = 'unknown')::int as doubtful,
			count(*) filter (where status not in ('sent', 'failed', 'unknown'))::int as other,
			(select count(*) from regressions)::int as regressions,
			(select count(*) from (select 1 from responses where org_id = ${orgId} group by enrollment_id, kind, parameter
				having count(*) > 1) x)::int as repeated
		from messages where org_id = ${orgId}`);
	return row!;
}
