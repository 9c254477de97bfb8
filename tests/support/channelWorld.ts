import { createServer, type Server } from 'node:http';
import { sql } from 'drizzle-orm';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { emailTemplates, messages } from '../../src/lib/server/db/schema/channels.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { actionRuns, enrollments } from '../../src/lib/server/db/schema/engine.ts';
import { handleInbound } from '../../src/lib/server/inbox/handler.ts';
import type { TestDatabase } from './db.ts';
import { makeCadence, makeLeads, makeWorld, type World } from './engineWorld.ts';

export type Queued = {
	messageId: string;
	enrollmentId: string;
	recordId: string;
	actionRunId: string;
	to: string;
};
export type ChannelWorld = World & { cadenceId: string; versionId: string; plan: Plan };

/** An organization with an active cadence on the given plan; messages are put into the outbox by `queue`. */
export async function makeChannelWorld(
	db: TestDatabase,
	plan: Plan,
	options: { subject?: string; html?: string } = {}
): Promise<ChannelWorld> {
	const world = await makeWorld(db);
	const made = await makeCadence(db, world, plan);
	if (options.html || options.subject)
		await db.admin
			.execute(sql`update email_templates set html = ${options.html ?? '<p>Hi</p>'}, subject = ${options.subject ?? 'Hi'}
			where org_id = ${world.orgId} and id = ${world.templateId}`);
	return { ...world, ...made, plan };
}

/** Another template of the same organization. */
export async function addTemplate(
	db: TestDatabase,
	world: World,
	subject: string,
	html: string
): Promise<string> {
	const id = newId();
	await db.admin
		.insert(emailTemplates)
		.values({ orgId: world.orgId, id, name: `Template ${id}`, subject, html });
	return id;
}

/** Runs whose current action is `actionId`, each with one queued message: what the engine leaves behind a pass. */
export async function queue(
	db: TestDatabase,
	world: ChannelWorld,
	actionId: string,
	people: readonly { to: string; data?: Record<string, string> }[],
	channel: 'email' | 'whatsapp' = 'email',
	templateId = world.templateId
): Promise<Queued[]> {
	const recordIds = await makeLeads(
		db,
		world,
		people.map(({ to, data }) => ({ data: { email: to, ...data } }))
	);
	const rows = people.map(({ to }, i) => ({
		messageId: newId(),
		enrollmentId: newId(),
		actionRunId: newId(),
		recordId: recordIds[i]!,
		to
	}));
	const { orgId, cadenceId, versionId } = world;
	await inChunks(rows, (part) =>
		db.admin.insert(enrollments).values(
			part.map((row) => ({
				orgId,
				id: row.enrollmentId,
				cadenceId,
				recordId: row.recordId,
				versionId,
				source: 'manual' as const,
				race: { actionId, openedAt: null, skipped: false, responses: {}, timed: {} },
				done: [actionId],
				currentActionId: actionId,
				followUp: 1
			}))
		)
	);
	await inChunks(rows, (part) =>
		db.admin.insert(actionRuns).values(
			part.map((row) => ({
				orgId,
				id: row.actionRunId,
				enrollmentId: row.enrollmentId,
				runNo: 1,
				actionId,
				kind: channel,
				status: 'queued' as const
			}))
		)
	);
	await inChunks(rows, (part) =>
		db.admin.insert(messages).values(
			part.map((row) => ({
				orgId,
				id: row.messageId,
				channel,
				actionRunId: row.actionRunId,
				enrollmentId: row.enrollmentId,
				runNo: 1,
				actionId,
				cadenceId,
				recordId: row.recordId,
				templateId,
				senderId: channel === 'email' ? world.senderId : null,
				toAddress: row.to
			}))
		)
	);
	return rows;
}

async function inChunks<T>(rows: readonly T[], insert: (part: T[]) => PromiseLike<unknown>): Promise<void> {
	for (let at = 0; at < rows.length; at += 1000) await insert(rows.slice(at, at + 1000));
}

/** Hands over what is due, then says goodbye to the relay. */
export async function deliver(db: TestDatabase, channel: 'email' | 'whatsapp' = 'email'): Promise<number> {
	const { handled } = await sendMessages(db.worker, channel);
	closeSmtpPools();
	return handled;
}

export type StoredMessage = {
	id: string;
	status: string;
	wait_reason: string | null;
	error_code: string | null;
	error_text: string | null;
	provider_id: string | null;
	quota_day: string | null;
	attempt: number;
	wait_minutes: number;
	opened: boolean;
	clicked: boolean;
	replied: boolean;
};

export async function storedMessage(db: TestDatabase, id: string): Promise<StoredMessage> {
	const [row] = await db.admin.execute<StoredMessage>(sql`
		select id, status, wait_reason, error_code, error_text, provider_id, quota_day::text, attempt,
			extract(epoch from not_before - app.now())::float8 / 60 as wait_minutes, opened_at is not null as opened,
			clicked_at is not null as clicked, replied_at is not null as replied
		from messages where id = ${id}`);
	return row!;
}

/** Responses that wait for the engine, oldest first: `sent`, `bounced/hard`, `clicked/0 (machine)`. */
export async function responsesTo(db: TestDatabase, enrollmentId: string): Promise<string[]> {
	const rows = await db.admin.execute<{ text: string }>(sql`
		select kind || coalesce('/' || parameter, '') || case when machine then ' (machine)' else '' end
			|| coalesce(' skipped:' || (detail ->> 'skipped'), '') || coalesce(' ' || (detail ->> 'reason'), '') as text
		from responses where enrollment_id = ${enrollmentId} order by id`);
	return rows.map((row) => row.text);
}

export type Inbox = { origin: string; stop: () => Promise<void> };

/** The public inbox alone on a port of its own. */
export async function startInbox(db: TestDatabase): Promise<Inbox> {
	const server: Server = createServer((req, res) => {
		if (!handleInbound(req, res, () => db.web)) res.writeHead(404).end();
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
	const address = server.address();
	return {
		origin: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
		stop: async () => {
			server.closeAllConnections();
			await new Promise<void>((done) => server.close(() => done()));
		}
	};
}
