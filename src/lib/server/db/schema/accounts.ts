import { sql } from 'drizzle-orm';
import {
	boolean,
	foreignKey,
	index,
	integer,
	jsonb,
	pgTable,
	primaryKey,
	text,
	timestamp,
	unique,
	uniqueIndex,
	uuid
} from 'drizzle-orm/pg-core';
import type { CadenceColumn } from '#lib/domain/crm/cadenceColumns.ts';
import type { ProfilePermissions } from '#lib/domain/access/actor.ts';
import type { BusinessHours } from '#lib/domain/time/calendar.ts';
import { createdAt, id, instant, orgId } from './columns.ts';

export const organizations = pgTable('organizations', {
	id: uuid().primaryKey(),
	name: text().notNull(),
	timeZone: text().notNull().default('UTC'),
	businessHours: jsonb().$type<BusinessHours>().notNull(),
	/** Org-local dates, `YYYY-MM-DD`. */
	holidays: jsonb().$type<string[]>().notNull().default([]),
	callResults: jsonb().$type<string[]>().notNull(),
	edition: text()
		.$type<'standard' | 'professional' | 'enterprise' | 'ultimate'>()
		.notNull()
		.default('standard'),
	addOns: integer().notNull().default(0),
	/** Overrides the edition's e-mails per day (a setting of the deployment, LIM-4). */
	emailsPerDay: integer(),
	actionsPerCadence: integer(),
	/** Domain of our Message-IDs and of signed addresses. */
	mailDomain: text().notNull(),
	postalAddress: text().notNull().default(''),
	requireUnsubscribeBlock: boolean().notNull().default(false),
	createdAt: createdAt()
});

export const profiles = pgTable(
	'profiles',
	{
		orgId: orgId(),
		id: id(),
		name: text().notNull(),
		permissions: jsonb().$type<ProfilePermissions>().notNull(),
		createdAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'profiles_pkey', columns: [t.orgId, t.id] }),
		uniqueIndex('profiles_name_key').on(t.orgId, sql`lower(${t.name})`)
	]
);

export const users = pgTable(
	'users',
	{
		orgId: orgId(),
		id: id(),
		email: text().notNull(),
		name: text().notNull(),
		passwordHash: text().notNull(),
		profileId: uuid().notNull(),
		timeZone: text().notNull().default('UTC'),
		active: boolean().notNull().default(true),
		theme: text().$type<'system' | 'light' | 'dark'>().notNull().default('system'),
		/** CRM-8: of the Cadences related list, in their order; null: the usual ones. */
		cadenceColumns: jsonb().$type<CadenceColumn[]>(),
		/** Raised when permissions, profile or password change: open sockets compare it (RELIABILITY.md 3.2.8). */
		epoch: integer().notNull().default(0),
		createdAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'users_pkey', columns: [t.orgId, t.id] }),
		unique('users_id_key').on(t.id),
		uniqueIndex('users_email_key').on(sql`lower(${t.email})`),
		foreignKey({
			name: 'users_profile_fkey',
			columns: [t.orgId, t.profileId],
			foreignColumns: [profiles.orgId, profiles.id]
		})
	]
);

/** Not org-scoped by row level security: sign-in happens before an organization is known. `id` is a SHA-256. */
export const sessions = pgTable(
	'sessions',
	{
		id: text().primaryKey(),
		orgId: orgId(),
		userId: uuid().notNull(),
		expiresAt: timestamp({ withTimezone: true, mode: 'date' }).notNull(),
		createdAt: createdAt(),
		lastSeenAt: instant(),
		ip: text(),
		userAgent: text()
	},
	(t) => [
		index('sessions_user_idx').on(t.userId),
		foreignKey({
			name: 'sessions_user_fkey',
			columns: [t.orgId, t.userId],
			foreignColumns: [users.orgId, users.id]
		}).onDelete('cascade')
	]
);

export const rateLimits = pgTable('rate_limits', {
	key: text().primaryKey(),
	points: integer().notNull(),
	expire: timestamp({ withTimezone: true, mode: 'date' })
});

export const auditEntries = pgTable(
	'audit_entries',
	{
		orgId: orgId(),
		id: id(),
		at: createdAt(),
		actorId: uuid(),
		/** `record.update`, `cadence.publish`, ... */
		action: text().notNull(),
		objectType: text().notNull(),
		objectId: uuid(),
		before: jsonb(),
		after: jsonb(),
		ip: text(),
		requestId: text()
	},
	(t) => [
		primaryKey({ name: 'audit_entries_pkey', columns: [t.orgId, t.id] }),
		index('audit_entries_object_idx').on(t.orgId, t.objectId, t.at),
		// What an import made and changed, to take it back.
		index('audit_entries_import_idx')
			.on(t.orgId, t.requestId, t.id)
			.where(sql`request_id >= 'import/' and request_id < 'import0'`)
	]
);

export const notifications = pgTable(
	'notifications',
	{
		orgId: orgId(),
		id: id(),
		userId: uuid().notNull(),
		/** call_due, reply, bounce, failure, background_done, mention. */
		kind: text().notNull(),
		title: text().notNull(),
		body: text().notNull().default(''),
		link: text(),
		/** Makes a repeated notice the same row. */
		dedupeKey: text(),
		createdAt: createdAt(),
		readAt: instant()
	},
	(t) => [
		primaryKey({ name: 'notifications_pkey', columns: [t.orgId, t.id] }),
		index('notifications_user_idx').on(t.orgId, t.userId, t.createdAt),
		uniqueIndex('notifications_dedupe_key')
			.on(t.orgId, t.userId, t.dedupeKey)
			.where(sql`dedupe_key is not null`)
	]
);

/** Long work with progress (bulk enroll, import, ...): the page polls it, the bell tells of its end. */
export const backgroundTasks = pgTable(
	'background_tasks',
	{
		orgId: orgId(),
		id: id(),
		kind: text().notNull(),
		status: text()
			.$type<'queued' | 'running' | 'done' | 'failed' | 'cancelled'>()
			.notNull()
			.default('queued'),
		total: integer().notNull().default(0),
		processed: integer().notNull().default(0),
		input: jsonb().notNull(),
		/** Where a restarted worker goes on. */
		cursor: jsonb(),
		result: jsonb(),
		error: text(),
		createdBy: uuid().notNull(),
		createdAt: createdAt(),
		finishedAt: instant()
	},
	(t) => [primaryKey({ name: 'background_tasks_pkey', columns: [t.orgId, t.id] })]
);
