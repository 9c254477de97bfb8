import { sql } from 'drizzle-orm';
import {
	date,
	index,
	integer,
	jsonb,
	pgTable,
	primaryKey,
	smallint,
	text,
	unique,
	uniqueIndex,
	uuid
} from 'drizzle-orm/pg-core';
import { createdAt, id, instant, orgId } from './columns.ts';

export const emailTemplates = pgTable(
	'email_templates',
	{
		orgId: orgId(),
		id: id(),
		name: text().notNull(),
		/** null: usable in every module. */
		moduleId: uuid(),
		subject: text().notNull(),
		/** Sanitised HTML with merge fields `{{module.field | default: "x"}}` and `{{unsubscribeLink}}`. */
		html: text().notNull(),
		version: integer().notNull().default(1),
		createdBy: uuid(),
		createdAt: createdAt(),
		modifiedAt: createdAt(),
		deletedAt: instant()
	},
	(t) => [
		primaryKey({ name: 'email_templates_pkey', columns: [t.orgId, t.id] }),
		uniqueIndex('email_templates_name_key')
			.on(t.orgId, sql`lower(${t.name})`)
			.where(sql`deleted_at is null`)
	]
);

export type WhatsappComponent = {
	type: string;
	format?: string;
	text?: string;
	buttons?: { type: string; text: string }[];
};

export const whatsappTemplates = pgTable(
	'whatsapp_templates',
	{
		orgId: orgId(),
		id: id(),
		providerId: text().notNull(),
		name: text().notNull(),
		language: text().notNull(),
		category: text().notNull(),
		/** APPROVED, PENDING, REJECTED, PAUSED, DISABLED, ... */
		status: text().notNull(),
		components: jsonb().$type<WhatsappComponent[]>().notNull(),
		syncedAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'whatsapp_templates_pkey', columns: [t.orgId, t.id] }),
		unique('whatsapp_templates_provider_key').on(t.orgId, t.providerId)
	]
);

/** Secrets are sealed (server/secrets.ts): AES-256-GCM with org, table, column and row as associated data. */
export const whatsappAccounts = pgTable(
	'whatsapp_accounts',
	{
		orgId: orgId(),
		id: id(),
		name: text().notNull(),
		baseUrl: text().notNull(),
		apiVersion: text().notNull().default('v24.0'),
		phoneNumberId: text().notNull(),
		businessAccountId: text().notNull(),
		tokenSealed: text().notNull(),
		appSecretSealed: text().notNull(),
		verifyTokenSealed: text().notNull(),
		status: text().$type<'connected' | 'paused'>().notNull().default('connected'),
		pausedReason: text(),
		createdAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'whatsapp_accounts_pkey', columns: [t.orgId, t.id] }),
		unique('whatsapp_accounts_org_key').on(t.orgId)
	]
);

/** The org's own relay; without a row the system relay (SMTP_URL) is used (CHA-1). */
export const emailRelays = pgTable(
	'email_relays',
	{
		orgId: orgId(),
		id: id(),
		host: text().notNull(),
		port: integer().notNull(),
		security: text().$type<'none' | 'starttls' | 'tls'>().notNull(),
		username: text().notNull().default(''),
		passwordSealed: text(),
		createdAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'email_relays_pkey', columns: [t.orgId, t.id] }),
		unique('email_relays_org_key').on(t.orgId)
	]
);

export const senders = pgTable(
	'senders',
	{
		orgId: orgId(),
		id: id(),
		/** A user's own address, or one of the organization. */
		userId: uuid(),
		name: text().notNull(),
		address: text().notNull(),
		status: text().$type<'active' | 'paused' | 'disabled'>().notNull().default('active'),
		pausedReason: text(),
		pausedUntil: instant(),
		/** Circuit breaker: failures in a row. */
		failures: integer().notNull().default(0),
		createdAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'senders_pkey', columns: [t.orgId, t.id] }),
		uniqueIndex('senders_address_key').on(t.orgId, sql`lower(${t.address})`),
		index('senders_user_idx').on(t.orgId, t.userId)
	]
);

/** RELIABILITY.md 2.2: the one list of send states. `unknown` is shown as "Doubtful". */
export const messageStatuses = [
	'queued',
	'claimed',
	'sending',
	'sent',
	'failed',
	'unknown',
	'cancelled'
] as const;
export type MessageStatus = (typeof messageStatuses)[number];

/** The outbox: one row per executed e-mail or WhatsApp action. */
export const messages = pgTable(
	'messages',
	{
		orgId: orgId(),
		id: id(),
		channel: text().$type<'email' | 'whatsapp'>().notNull(),
		actionRunId: uuid().notNull(),
		enrollmentId: uuid().notNull(),
		runNo: integer().notNull(),
		actionId: text().notNull(),
		cadenceId: uuid().notNull(),
		recordId: uuid().notNull(),
		status: text().$type<MessageStatus>().notNull().default('queued'),
		templateId: uuid(),
		templateVersion: integer(),
		/** GRA-8: the chosen variant; null: the action has none. */
		variant: text(),
		senderId: uuid(),
		/** Normalised: lower-case e-mail, E.164 phone. */
		toAddress: text().notNull(),
		/** Reply-to, threading, variables, tracking switches: the action's settings as executed. */
		settings: jsonb().notNull().default({}),
		/** Rendered at hand-over. */
		subject: text(),
		html: text(),
		/** Click targets by index, as rendered. */
		links: text().array(),
		/** `<uuidv5(action run)[-attempt]@mail domain>`, set at the first claim. */
		rfcMessageId: text(),
		inReplyTo: text(),
		/** wamid, or the id a relay reports. */
		providerId: text(),
		queuedAt: createdAt(),
		/** Not before: retry back-off, sending window, next day's quota. */
		notBefore: createdAt(),
		/** Why it waits, in words for "why is it not moving?": window, limit, relay. `review`: until its task is completed. */
		waitReason: text(),
		attempt: smallint().notNull().default(0),
		claim: uuid(),
		leaseUntil: instant(),
		/** First refusal or transport error: 48 hours later it counts as a soft bounce (EXE-11). */
		deferredAt: instant(),
		/** Processes that died while they prepared it: such a message is claimed alone, at 5 it fails. */
		crashes: smallint().notNull().default(0),
		/** Org day whose quota it holds. */
		quotaDay: date({ mode: 'string' }),
		sentAt: instant(),
		deliveredAt: instant(),
		openedAt: instant(),
		clickedAt: instant(),
		repliedAt: instant(),
		bouncedAt: instant(),
		readAt: instant(),
		settledAt: instant(),
		errorCode: text(),
		errorText: text(),
		/** A person's decision on a doubtful send. */
		resolvedBy: uuid(),
		resolvedAt: instant(),
		resolution: text()
	},
	(t) => [
		primaryKey({ name: 'messages_pkey', columns: [t.orgId, t.id] }),
		unique('messages_action_run_key').on(t.orgId, t.actionRunId),
		// No foreign keys: see action_runs.
		index('messages_queue_idx')
			.on(t.channel, t.notBefore, t.id)
			.where(sql`status = 'queued'`),
		index('messages_lease_idx')
			.on(t.leaseUntil)
			.where(sql`status in ('claimed', 'sending')`),
		index('messages_unknown_idx')
			.on(t.orgId, t.settledAt)
			.where(sql`status = 'unknown'`),
		// Withdrawn while claimed: the sweep gives the quota back if the sender did not live to do it.
		index('messages_held_quota_idx')
			.on(t.orgId)
			.where(sql`status = 'cancelled' and quota_day is not null`),
		index('messages_enrollment_idx').on(t.orgId, t.enrollmentId),
		index('messages_record_idx').on(t.orgId, t.recordId, t.queuedAt),
		index('messages_rfc_id_idx')
			.on(t.rfcMessageId)
			.where(sql`rfc_message_id is not null`),
		// The status calls of WhatsApp name it; what a relay calls a mail nobody looks for.
		index('messages_provider_id_idx')
			.on(t.orgId, t.providerId)
			.where(sql`provider_id is not null and channel = 'whatsapp'`),
		// The last one sent to an address: not a row before, so that one of its four states pays for it.
		index('messages_to_idx')
			.on(t.orgId, t.toAddress, t.sentAt)
			.where(sql`sent_at is not null`)
	]
);

/** Replies and other mail that came in, kept readable on the record (CHA-4). */
export const inboundMessages = pgTable(
	'inbound_messages',
	{
		orgId: orgId(),
		id: id(),
		channel: text().$type<'email' | 'whatsapp'>().notNull(),
		messageId: uuid(),
		recordId: uuid(),
		fromAddress: text().notNull(),
		subject: text().notNull().default(''),
		text: text().notNull().default(''),
		/** reply, auto_reply, bounce, complaint, unmatched. */
		kind: text().notNull(),
		receivedAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'inbound_messages_pkey', columns: [t.orgId, t.id] }),
		index('inbound_messages_record_idx').on(t.orgId, t.recordId, t.receivedAt)
	]
);

/** CHA-2: by normalised address; the open row (lifted_at null) acts on every record, module and cadence. */
export const suppressions = pgTable(
	'suppressions',
	{
		orgId: orgId(),
		id: id(),
		channel: text().$type<'email' | 'whatsapp' | 'call'>().notNull(),
		address: text().notNull(),
		reason: text().$type<'unsubscribed' | 'bounced' | 'complaint' | 'opt_out' | 'manual'>().notNull(),
		source: text().notNull().default(''),
		messageId: uuid(),
		at: createdAt(),
		createdBy: uuid(),
		liftedAt: instant(),
		liftedBy: uuid(),
		liftReason: text()
	},
	(t) => [
		primaryKey({ name: 'suppressions_pkey', columns: [t.orgId, t.id] }),
		uniqueIndex('suppressions_open_key')
			.on(t.orgId, t.channel, t.address, t.reason)
			.where(sql`lifted_at is null`)
	]
);

/** EXE-6: one counter per organization and org day. */
export const emailQuotas = pgTable(
	'email_quotas',
	{ orgId: orgId(), day: date({ mode: 'string' }).notNull(), used: integer().notNull().default(0) },
	(t) => [primaryKey({ name: 'email_quotas_pkey', columns: [t.orgId, t.day] })]
);
