import { sql } from 'drizzle-orm';
import { index, integer, pgTable, primaryKey, smallint, text, unique, uuid } from 'drizzle-orm/pg-core';
import { createdAt, instant, orgId, id } from './columns.ts';

export const webhookStatuses = ['queued', 'claimed', 'done', 'failed', 'cancelled'] as const;
export type WebhookStatus = (typeof webhookStatuses)[number];

/** GRA-8: the outbox of webhook actions. Where exactly it goes is read from the run's plan when it is called. */
export const webhookCalls = pgTable(
	'webhook_calls',
	{
		orgId: orgId(),
		id: id(),
		/** The key that the receiver sees: the same at every attempt. */
		actionRunId: uuid().notNull(),
		enrollmentId: uuid().notNull(),
		runNo: integer().notNull(),
		actionId: text().notNull(),
		cadenceId: uuid().notNull(),
		recordId: uuid().notNull(),
		/** The receiver as it was when this was queued: one that is busy holds up nobody else. */
		receiver: text().notNull().default(''),
		status: text().$type<WebhookStatus>().notNull().default('queued'),
		queuedAt: createdAt(),
		notBefore: createdAt(),
		/** Why it waits: paused, cadence_inactive, receiver. */
		waitReason: text(),
		attempts: smallint().notNull().default(0),
		firstAttemptAt: instant(),
		claim: uuid(),
		leaseUntil: instant(),
		settledAt: instant(),
		/** When a person had it called once more after it failed: what its run does is no matter then. */
		sentAgainAt: instant(),
		/** Of the last attempt. */
		httpStatus: smallint(),
		lastError: text()
	},
	(t) => [
		primaryKey({ name: 'webhook_calls_pkey', columns: [t.orgId, t.id] }),
		unique('webhook_calls_action_run_key').on(t.orgId, t.actionRunId),
		index('webhook_calls_queue_idx')
			.on(t.notBefore, t.id)
			.where(sql`status = 'queued'`),
		index('webhook_calls_lease_idx')
			.on(t.leaseUntil)
			.where(sql`status = 'claimed'`),
		index('webhook_calls_failed_idx')
			.on(t.orgId, t.settledAt)
			.where(sql`status = 'failed'`),
		index('webhook_calls_enrollment_idx').on(t.orgId, t.enrollmentId)
	]
);

/** What outgoing webhooks are signed with (Standard Webhooks). Sealed, see server/secrets.ts. */
export const webhookSecrets = pgTable(
	'webhook_secrets',
	{ orgId: orgId(), secretSealed: text().notNull(), createdAt: createdAt() },
	(t) => [primaryKey({ name: 'webhook_secrets_pkey', columns: [t.orgId] })]
);

/** GRA-8: who got the last one, per action. */
export const roundRobins = pgTable(
	'round_robins',
	{
		orgId: orgId(),
		cadenceId: uuid().notNull(),
		actionId: text().notNull(),
		lastUserId: uuid()
	},
	(t) => [primaryKey({ name: 'round_robins_pkey', columns: [t.orgId, t.cadenceId, t.actionId] })]
);
