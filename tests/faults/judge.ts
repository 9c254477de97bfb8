import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { readSinkLog, type SinkEntry } from '../support/sinkLog.ts';
import { checkInvariants, type Invariants } from './judge/invariants.ts';

/**
 * RELIABILITY.md 5: the judge of mail campaigns. It reads the sink's log and the database and nothing else: neither the
 * product's code nor its counters. May be run by itself: node tests/faults/judge.ts --database URL --org ID --log FILE;
 * `--org all` adds up every organization of the database, told apart by the domain of its Message-IDs.
 */
export type Verdict = {
	/** Messages the organization made. */
	mails: number;
	kills: number;
	/** At the sink and known as sent. */
	delivered: number;
	/** Neither at the sink nor listed as doubtful. */
	lost: number;
	/** Copies at the sink beyond one per Message-ID, or beyond the recipient's messages. */
	duplicated: number;
	doubtful: number;
	/** Of the doubtful ones: arrived after all. */
	doubtfulAtSink: number;
	/**
	 * Sends that were under way when their process died: lines cut between 354 and the end of the message, and mails taken
	 * on a line that was cut, whose outcome the database did not have by then.
	 */
	inFlightAtKills: number;
	/** Doubtful, although no kill explains it. */
	unexplained: number;
	/** Lines that were cut with a mail on them, or within a second after one. */
	linesCut: number;
	/** Messages without an outcome. */
	stuckMessages: number;
	/** Live runs with something due, or with responses that nobody applied. */
	stuckRuns: number;
	invariants: Invariants;
};

type Message = { id: string; rfc: string | null; status: string; to: string; sentAt: number | null };

export async function judge(sql: postgres.Sql, orgId: string, log: readonly SinkEntry[]): Promise<Verdict> {
	const messages = await sql<Message[]>`
		select id, rfc_message_id as rfc, status, to_address as to,
			extract(epoch from sent_at)::float8 * 1000 as "sentAt" from messages
		where org_id = ${orgId} and channel = 'email'`;
	const seen = log.filter((entry) => entry.event === 'mail');
	const atSink = new Set(seen.map((entry) => entry.messageId));
	const arrived = ({ rfc }: Message) => rfc !== null && atSink.has(rfc);
	const withStatus = (status: string) => messages.filter((message) => message.status === status);
	const doubtful = withStatus('unknown');
	return {
		mails: messages.length,
		kills: log.filter((entry) => entry.event === 'kill').length,
		delivered: withStatus('sent').filter(arrived).length,
		lost: messages.filter((message) => !arrived(message) && message.status !== 'unknown').length,
		duplicated: Math.max(
			surplus(
				seen.map((entry) => entry.messageId),
				messages.map((message) => message.rfc)
			),
			surplus(
				seen.flatMap((entry) => entry.to),
				messages.map((message) => message.to)
			)
		),
		doubtful: doubtful.length,
		doubtfulAtSink: doubtful.filter(arrived).length,
		...judgeFlights(messages, log),
		stuckMessages: messages.filter(({ status }) => ['queued', 'claimed', 'sending'].includes(status)).length,
		stuckRuns: await countStuckRuns(sql, orgId),
		invariants: await checkInvariants(sql, orgId, seen)
	};
}

/** How many of `seen` go beyond how often `wanted` names them; once is free, I4 judges strangers. */
function surplus(seen: readonly string[], wanted: readonly (string | null)[]): number {
	const allowed = new Map<string, number>();
	for (const key of wanted) if (key !== null) allowed.set(key, (allowed.get(key) ?? 0) + 1);
	const found = new Map<string, number>();
	for (const key of seen) found.set(key, (found.get(key) ?? 0) + 1);
	return [...found].reduce((sum, [key, n]) => sum + Math.max(0, n - (allowed.get(key) ?? 1)), 0);
}

/** Every organization that made a message or a run. Kills are nobody's in particular, so they count once. */
async function judgeAll(sql: postgres.Sql, log: readonly SinkEntry[]): Promise<Verdict> {
	const orgs = await sql<{ id: string; domain: string }[]>`
		select id, mail_domain as domain from organizations o
		where exists (select 1 from enrollments e where e.org_id = o.id) order by id`;
	const ofDomain = new Map<string, SinkEntry[]>(orgs.map(({ domain }) => [domain, []]));
	const foreign: SinkEntry[] = [];
	for (const entry of log) {
		if (entry.event === 'kill') continue;
		const domain = /@([^>]+)>$/.exec(entry.messageId)?.[1] ?? '';
		(ofDomain.get(domain) ?? foreign).push(entry);
	}
	let sum: Verdict | null = null;
	for (const { id, domain } of orgs) {
		const verdict = await judge(sql, id, ofDomain.get(domain)!);
		sum = sum ? addVerdicts(sum, verdict) : verdict;
	}
	if (!sum) throw new Error('There is nothing to judge.');
	// A mail of nobody's is unknown to the database.
	sum.invariants.I4 += foreign.filter(({ event }) => event === 'mail').length;
	return { ...sum, kills: log.filter(({ event }) => event === 'kill').length };
}

function addVerdicts(a: Verdict, b: Verdict): Verdict {
	const { invariants, ...figures } = a;
	const sums = Object.entries(figures).map(([key, n]) => [key, n + b[key as keyof typeof figures]]);
	const broken = Object.entries(invariants).map(([id, n]) => [id, n + b.invariants[id as keyof Invariants]]);
	return { ...Object.fromEntries(sums), invariants: Object.fromEntries(broken) } as Verdict;
}

type Flights = Pick<Verdict, 'inFlightAtKills' | 'unexplained' | 'linesCut'>;

function judgeFlights(messages: readonly Message[], log: readonly SinkEntry[]): Flights {
	const byRfc = new Map(messages.map((message) => [message.rfc, message]));
	const cuts = new Map(log.flatMap((entry) => (entry.event === 'cut' ? [[entry.line, entry]] : [])));
	const before354End = [...cuts.values()].filter((cut) => cut.state === 'data').length;
	const open = log.flatMap((entry) => {
		const cut = entry.event === 'mail' ? cuts.get(entry.line) : undefined;
		const message = entry.event === 'mail' ? byRfc.get(entry.messageId) : undefined;
		if (!cut || !message) return [];
		return message.status === 'sent' && message.sentAt! <= cut.at ? [] : [message.id];
	});
	const flying = new Set(open);
	const elsewhere = messages.filter(({ id, status }) => status === 'unknown' && !flying.has(id)).length;
	return {
		inFlightAtKills: before354End + flying.size,
		unexplained: Math.max(0, elsewhere - before354End),
		linesCut: [...cuts.values()].filter((cut) => cut.state !== 'idle' && cut.sinceMs <= 1_000).length
	};
}

async function countStuckRuns(sql: postgres.Sql, orgId: string): Promise<number> {
	const [row] = await sql<{ n: number }[]>`
		select count(*)::int as n from enrollments e where e.org_id = ${orgId} and (
			(e.status = 'active' and e.due_at <= app.now())
			or e.quarantined_at is not null
			or exists (select 1 from responses r where r.enrollment_id = e.id))`;
	return row!.n;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	const { values } = parseArgs({
		options: { database: { type: 'string' }, org: { type: 'string' }, log: { type: 'string' } }
	});
	const { database, org, log } = values;
	if (!database || !org || !log) {
		process.stderr.write('Usage: node tests/faults/judge.ts --database URL --org ID --log FILE\n');
		process.exit(2);
	}
	const sql = postgres(database, { max: 1, onnotice: () => undefined });
	const entries = readSinkLog(log);
	const verdict = org === 'all' ? await judgeAll(sql, entries) : await judge(sql, org, entries);
	await sql.end();
	process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
