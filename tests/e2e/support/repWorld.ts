import { expect, type Page } from '@playwright/test';
import postgres from 'postgres';
import { demoSignIns } from '../../../src/lib/server/demo/signIns.ts';

export const repEmail = demoSignIns.find(({ profile }) => profile === 'Rep')!.email;

async function withSql<T>(login: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
	const sql = postgres(login, { max: 1 });
	try {
		return await work(sql);
	} finally {
		await sql.end();
	}
}

type NewLead = { first: string; last: string; email?: string; phone?: string };

/** Leads of the rep, in order. */
export const giveLeads = (login: string, leads: readonly NewLead[]): Promise<string[]> =>
	withSql(login, async (sql) => {
		const rows = leads.map(({ first, last, email, phone }) => ({
			name: `${first} ${last}`,
			data: { firstName: first, lastName: last, ...(email && { email }), ...(phone && { phone }) },
			search: [first, last, email, phone].filter(Boolean).join(' ').toLowerCase()
		}));
		const made = await sql<{ id: string; name: string }[]>`
			insert into records (org_id, id, module_id, name, owner_id, data, search)
			select m.org_id, app.new_id(), m.id, v.name, u.id, v.data, v.search
			from jsonb_to_recordset(${sql.json(rows)}) as v(name text, data jsonb, search text)
			join users u on u.email = ${repEmail}
			join modules m on m.org_id = u.org_id and m.key = 'leads'
			returning id, name`;
		const byName = new Map(made.map(({ id, name }) => [name, id]));
		return rows.map(({ name }) => byName.get(name)!);
	});

/** Open work of the rep, due long ago so that it comes first, in order; nothing rings meanwhile. */
export const giveWork = (
	login: string,
	kind: 'call' | 'task',
	lead: string,
	subjects: readonly string[]
): Promise<void> =>
	withSql(login, async (sql) => {
		await sql`
			insert into activities (org_id, id, kind, record_id, owner_id, subject, status, phone, due_at, reminded_at)
			select r.org_id, app.new_id(), ${kind}, r.id, r.owner_id, v.subject,
				${kind === 'call' ? 'Scheduled' : 'Not started'}, '+15550100',
				app.now() - interval '900 days' + v.place * interval '1 minute', app.now()
			from records r cross join jsonb_array_elements_text(${sql.json([...subjects])}) with ordinality as v(subject, place)
			where r.id = ${lead}`;
	});

export const giveReply = (login: string, lead: string, from: string, subject: string): Promise<void> =>
	withSql(login, async (sql) => {
		await sql`
			insert into inbound_messages (org_id, id, channel, record_id, from_address, subject, text, kind)
			select org_id, app.new_id(), 'email', id, ${from}, ${subject}, 'Yes, tell me more.', 'reply'
			from records where id = ${lead}`;
	});

/** The live runs of a cadence as they stand for these leads. */
export const standing = (login: string, leads: readonly string[]): Promise<string[]> =>
	withSql(login, async (sql) => {
		const rows = await sql<{ status: string }[]>`
			select status from enrollments where record_id = any(${[...leads]}) order by record_id`;
		return rows.map(({ status }) => status);
	});

/** A cadence and one of its actions, by their names. */
export const cadenceAction = (login: string, cadence: string, title: string) =>
	withSql(login, async (sql) => {
		const [found] = await sql<{ cadenceId: string; actionId: string }[]>`
			select c.id as "cadenceId", n.key as "actionId" from cadences c
			join cadence_versions v on v.org_id = c.org_id and v.cadence_id = c.id
			cross join lateral jsonb_each(v.plan -> 'nodes') n
			where c.name = ${cadence} and n.value ->> 'title' = ${title} order by v.n desc limit 1`;
		return found!;
	});

/** What the dialogs post; through the page, so that the person's rights hold. */
export async function enrollments(page: Page, origin: string, body: object): Promise<void> {
	const answer = await page.request.post(`${origin}/leads/enrollments`, { data: body, headers: { origin } });
	expect(answer.ok(), await answer.text()).toBe(true);
}
