import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { lookupId, lookupOf, recipientOf, recipientPath, type Recipient } from './recipients.ts';
import { readLookups, type RecordFacts } from './recordFacts.ts';
import type { DueRun } from './dueRow.ts';
import { candidatesOf, ownerRuleOf } from './ownerRule.ts';
import type { Turns } from './roundRobin.ts';
import { templateOf } from './variant.ts';

type Sender = { id: string; userId: string | null; status: 'active' | 'paused' | 'disabled' };

/** What decides whether due actions can run (EXE-4, EXE-5, GRA-8): one statement per kind of fact, and only when needed. */
export type ChannelFacts = {
	recipients: Map<DueRun, Recipient>;
	/** `${orgId}/${channel}/${address}` -> reason that counts most. */
	suppressed: Map<string, string>;
	/** Active users, by `orgKey`, as everything below: an id of another organization is never found. */
	users: Map<string, { name: string }>;
	senders: Map<string, Sender>;
	/** By the user they belong to. */
	sendersOfUsers: Map<string, Sender>;
	/** Usable templates: e-mail not deleted, WhatsApp approved. */
	templates: Set<string>;
	lookups: Map<string, RecordFacts>;
	/** GRA-8 [+]: whose turn it is; absent when no owner is chosen in turn. */
	turns?: Turns | null;
};

export const orgKey = (orgId: string, id: string): string => `${orgId}/${id}`;

const orgsOf = (runs: readonly DueRun[]) => sql.param([...new Set(runs.map(({ row }) => row.org_id))]);

const keysOf = <T>(values: readonly T[]): string =>
	JSON.stringify([...new Map(values.map((v) => [JSON.stringify(v), v])).values()]);

export async function readChannelFacts(tx: OrgTx, runs: readonly DueRun[]): Promise<ChannelFacts> {
	const lookups = await readLookups(tx, lookupKeys(runs));
	const recipients = new Map<DueRun, Recipient>();
	for (const run of runs)
		if (run.target && run.target.kind !== 'exit')
			recipients.set(run, recipientOf(run.target, run.record, lookups));
	const suppressed = await readSuppressed(tx, runs, recipients);
	const users = await readUsers(tx, runs);
	const { senders, sendersOfUsers } = await readSenders(tx, runs);
	const templates = await readTemplates(tx, runs);
	return { recipients, suppressed, users, senders, sendersOfUsers, templates, lookups };
}

const lookupKeys = (runs: readonly DueRun[]) =>
	runs.flatMap(({ row, target, record }) => {
		const field = target && target.kind !== 'exit' ? lookupOf(recipientPath(target)) : null;
		const id = field === null ? null : lookupId(record, field);
		return id ? [{ orgId: row.org_id, id }] : [];
	});

async function readSuppressed(tx: OrgTx, runs: readonly DueRun[], recipients: Map<DueRun, Recipient>) {
	const keys = runs.flatMap((run) => {
		const address = recipients.get(run)?.address;
		return address && run.target ? [{ o: run.row.org_id, c: run.target.kind, a: address }] : [];
	});
	const found = new Map<string, string>();
	if (!keys.length) return found;
	const rows = await tx.execute<{ key: string; reason: string }>(sql`
		select s.org_id || '/' || s.channel || '/' || s.address as key,
			-- Who unsubscribed is skipped even if mail to the address bounced too (EXE-5).
			case when bool_and(s.reason = 'bounced') then 'bounced' else 'unsubscribed' end as reason
		from jsonb_to_recordset(${keysOf(keys)}::jsonb) as k(o uuid, c text, a text)
		join suppressions s on s.org_id = k.o and s.channel = k.c and s.address = k.a and s.lifted_at is null
		group by 1`);
	for (const row of rows) found.set(row.key, row.reason);
	return found;
}

async function readUsers(tx: OrgTx, runs: readonly DueRun[]) {
	const ids = new Set<string>();
	for (const { target, record } of runs) {
		const rule = ownerRuleOf(target);
		if (rule) for (const id of candidatesOf(rule, record.ownerId)) ids.add(id);
		if (target?.kind === 'email' && target.config.sender?.kind === 'recordOwner') ids.add(record.ownerId);
	}
	if (!ids.size) return new Map<string, { name: string }>();
	const rows = await tx.execute<{ org_id: string; id: string; name: string }>(sql`
		select org_id, id, name from users
		where org_id = any(${orgsOf(runs)}::uuid[]) and id = any(${sql.param([...ids])}::uuid[]) and active`);
	return new Map(rows.map((row) => [orgKey(row.org_id, row.id), { name: row.name }]));
}

async function readSenders(tx: OrgTx, runs: readonly DueRun[]) {
	const ids = new Set<string>();
	const owners = new Set<string>();
	for (const { target, record } of runs) {
		const rule = target?.kind === 'email' ? target.config.sender : null;
		if (!rule) continue;
		if (rule.kind === 'sender') ids.add(rule.senderId);
		else owners.add(record.ownerId);
		if (rule.fallbackSenderId) ids.add(rule.fallbackSenderId);
	}
	const senders = new Map<string, Sender>();
	const sendersOfUsers = new Map<string, Sender>();
	if (!ids.size && !owners.size) return { senders, sendersOfUsers };
	const rows = await tx.execute<{
		org_id: string;
		id: string;
		user_id: string | null;
		status: Sender['status'];
	}>(sql`
		select s.org_id, s.id, s.user_id, s.status from senders s
		where s.org_id = any(${orgsOf(runs)}::uuid[]) and (s.id = any(${sql.param([...ids])}::uuid[])
			or s.user_id = any(${sql.param([...owners])}::uuid[]))
		order by s.id`);
	for (const row of rows) {
		const sender = { id: row.id, userId: row.user_id, status: row.status };
		senders.set(orgKey(row.org_id, row.id), sender);
		if (!row.user_id) continue;
		// A person with several addresses sends from the oldest that is not switched off.
		const user = orgKey(row.org_id, row.user_id);
		if ((sendersOfUsers.get(user)?.status ?? 'disabled') === 'disabled') sendersOfUsers.set(user, sender);
	}
	return { senders, sendersOfUsers };
}

async function readTemplates(tx: OrgTx, runs: readonly DueRun[]): Promise<Set<string>> {
	const ids = new Set<string>();
	for (const { row, target } of runs) {
		const id = target?.kind === 'email' || target?.kind === 'whatsapp' ? templateOf(row, target) : null;
		if (id) ids.add(id);
	}
	if (!ids.size) return new Set();
	const wanted = sql`org_id = any(${orgsOf(runs)}::uuid[]) and id = any(${sql.param([...ids])}::uuid[])`;
	const rows = await tx.execute<{ org_id: string; id: string }>(sql`
		select org_id, id from email_templates where ${wanted} and deleted_at is null
		union all select org_id, id from whatsapp_templates where ${wanted} and status = 'APPROVED'`);
	return new Set(rows.map((row) => orgKey(row.org_id, row.id)));
}
