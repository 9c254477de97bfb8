import { sql } from 'drizzle-orm';
import {
	bigint,
	bigserial,
	boolean,
	check,
	date,
	foreignKey,
	index,
	integer,
	jsonb,
	pgTable,
	primaryKey,
	smallint,
	text,
	unique,
	uuid
} from 'drizzle-orm/pg-core';
import type { ActionKind } from '#lib/domain/cadence/responses.ts';
import type { EnrollSource } from '#lib/domain/enrollment/enrollSource.ts';
import type { EndReason, EnrollmentStatus, PauseCause, Race, Run } from '#lib/domain/enrollment/state.ts';
import { cadences, cadenceVersions } from './cadences.ts';
import { createdAt, id, instant, orgId } from './columns.ts';

/**
 * One row per cadence and record; a restart raises run_no. The row is the schedule: `due_at` of an active
 * row is when the engine must look at it, null while only a response can move it.
 */
export const enrollments = pgTable(
	'enrollments',
	{
		orgId: orgId(),
		id: id(),
		cadenceId: uuid().notNull(),
		recordId: uuid().notNull(),
		versionId: uuid().notNull(),
		runNo: integer().notNull().default(1),
		status: text().$type<EnrollmentStatus>().notNull().default('active'),
		pauseCauses: jsonb().$type<PauseCause[]>().notNull().default([]),
		/** A person's pause ends by itself then (ENR-8). */
		pausedUntil: instant(),
		race: jsonb().$type<Race | null>(),
		/** The branch that runs at due_at; its action is `next_action_id`. */
		nextBranchId: text(),
		nextActionId: text(),
		dueAt: instant(),
		frozen: jsonb().$type<Run['frozen']>(),
		/** Actions executed or skipped in this run, in order. */
		done: jsonb().$type<string[]>().notNull().default([]),
		currentActionId: text(),
		/** Deepest follow-up executed or skipped in this run (REP-3). */
		followUp: smallint().notNull().default(0),
		lastResponse: text(),
		lastResponseAt: instant(),
		/** Raised at every change; conditional updates compare it. */
		version: integer().notNull().default(1),
		enrolledAt: createdAt(),
		/** null: by the custom view. */
		enrolledBy: uuid(),
		source: text().$type<EnrollSource>().notNull(),
		endedAt: instant(),
		endedBy: uuid(),
		endReason: text().$type<EndReason>(),
		endDetail: text(),
		/** A row that made a pass throw is set aside alone, with the reason. */
		quarantinedAt: instant(),
		quarantineReason: text()
	},
	(t) => [
		primaryKey({ name: 'enrollments_pkey', columns: [t.orgId, t.id] }),
		// Record first: it also serves the related list, so a hot row has one index less.
		unique('enrollments_record_key').on(t.orgId, t.recordId, t.cadenceId),
		foreignKey({
			name: 'enrollments_version_fkey',
			columns: [t.orgId, t.cadenceId, t.versionId],
			foreignColumns: [cadenceVersions.orgId, cadenceVersions.cadenceId, cadenceVersions.id]
		}),
		// None on the record, as in `actionRuns`: who enrolls selects the record in the same statement.
		// By cadence first: each pass looks at every cadence's earliest due row, so that one with a million due
		// records starves nobody, and what waits in the future is never walked.
		index('enrollments_due_idx')
			.on(t.cadenceId, t.dueAt, t.id)
			.where(sql`status = 'active' and due_at is not null and quarantined_at is null`),
		index('enrollments_paused_until_idx')
			.on(t.pausedUntil)
			.where(sql`status = 'paused' and paused_until is not null`),
		// With the id, so that no two entries are alike: inserting among thousands that are cost a third of a step's change.
		index('enrollments_cadence_idx').on(t.cadenceId, t.status, t.enrolledAt, t.id)
	]
);

export const actionRuns = pgTable(
	'action_runs',
	{
		orgId: orgId(),
		id: id(),
		enrollmentId: uuid().notNull(),
		runNo: integer().notNull(),
		actionId: text().notNull(),
		kind: text().$type<ActionKind | 'exit'>().notNull(),
		/** `queued`: a message or webhook waits in the outbox. */
		status: text().$type<'queued' | 'executed' | 'skipped' | 'failed' | 'cancelled'>().notNull(),
		reason: text(),
		/** GRA-8: the chosen variant of an e-mail; null: it has none. */
		variant: text(),
		startedAt: createdAt(),
		executedAt: instant(),
		/** Keys of the events this action had (`firstKey`): what decides `events.first` without reading the log. */
		seen: text()
			.array()
			.notNull()
			.default(sql`'{}'::text[]`)
	},
	(t) => [
		// EXE-1: what makes a second execution impossible. The only index: nobody looks for a line by its id, which what the
		// action made carries.
		primaryKey({ name: 'action_runs_pkey', columns: [t.enrollmentId, t.runNo, t.actionId] })
		// No foreign key, as in activities, messages and events: it costs a query per row, a third of a pass. The pass that
		// writes the row holds the lock of its enrollment and takes the organization from it; nobody may delete a parent
		// (0017_*.sql), and invariant I9 looks at every reference.
	]
);

/** What came back, waiting to be applied by the engine in sets; deleted when applied (the event stays). */
export const responses = pgTable(
	'responses',
	{
		id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
		orgId: orgId(),
		enrollmentId: uuid().notNull(),
		runNo: integer().notNull(),
		actionId: text().notNull(),
		/** ResponseKind of domain/cadence/responses.ts. */
		kind: text().notNull(),
		parameter: text(),
		/** Database time of receipt (GRA-7). */
		at: createdAt(),
		machine: boolean().notNull().default(false),
		/** For `failed` of a message: the end reason if no branch takes it, and words for people. */
		detail: jsonb(),
		actorId: uuid(),
		quarantinedAt: instant()
	},
	(t) => [
		index('responses_open_idx')
			.on(t.id)
			.where(sql`quarantined_at is null`),
		index('responses_enrollment_idx').on(t.enrollmentId)
	]
);

/**
 * VER-5, DEA-2: records that were in the view when only later ones were asked for. Not enrolled by the view until
 * they have left it once; then the row goes.
 */
export const viewExclusions = pgTable(
	'view_exclusions',
	{ orgId: orgId(), cadenceId: uuid().notNull(), recordId: uuid().notNull() },
	(t) => [
		primaryKey({ name: 'view_exclusions_pkey', columns: [t.orgId, t.cadenceId, t.recordId] }),
		foreignKey({
			name: 'view_exclusions_cadence_fkey',
			columns: [t.orgId, t.cadenceId],
			foreignColumns: [cadences.orgId, cadences.id]
		})
	]
);

/** Dedupe ledger of the outside world: webhook ids, mails, clicks (RELIABILITY.md 2.3). */
export const inboundEvents = pgTable(
	'inbound_events',
	{
		orgId: orgId(),
		provider: text().notNull(),
		eventId: text().notNull(),
		receivedAt: createdAt(),
		messageId: uuid(),
		payload: jsonb()
	},
	(t) => [primaryKey({ name: 'inbound_events_pkey', columns: [t.orgId, t.provider, t.eventId] })]
);

/** The log of everything that happened to runs; partitioned by month in SQL (see the migration). */
export const events = pgTable(
	'events',
	{
		orgId: orgId(),
		id: bigserial({ mode: 'number' }).notNull(),
		at: createdAt(),
		cadenceId: uuid().notNull(),
		versionId: uuid().notNull(),
		enrollmentId: uuid().notNull(),
		runNo: integer().notNull(),
		recordId: uuid().notNull(),
		actionId: text(),
		followUp: smallint(),
		/** enrolled, unenrolled, completed, failed, paused, resumed, executed, skipped, sent, opened, clicked, replied, bounced, ... */
		kind: text().notNull(),
		/** Response parameter, end reason, skip reason. */
		detail: text(),
		/** First of its kind (and detail) for this action and run: what "unique" counts. */
		first: boolean().notNull().default(true),
		machine: boolean().notNull().default(false),
		late: boolean().notNull().default(false),
		actorId: uuid(),
		/** Org day of the enrollment, for "enrolled in" filters. */
		enrolledDay: date({ mode: 'string' }).notNull(),
		/** Org day of the event. */
		day: date({ mode: 'string' }).notNull(),
		data: jsonb()
	},
	(t) => [
		// Two, no more: each costs every step some microseconds. A record's events are found by its enrollments, and
		// nothing looks for a line by its number.
		index('events_cadence_idx').on(t.orgId, t.cadenceId, t.at),
		index('events_enrollment_idx').on(t.orgId, t.enrollmentId, t.at)
	]
);

/** Appended by each batch, folded into report_counts; a report reads both in one snapshot (DESIGN.md 4). */
export const reportDeltas = pgTable('report_deltas', {
	id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
	orgId: orgId(),
	cadenceId: uuid().notNull(),
	versionId: uuid().notNull(),
	actionId: text().notNull().default(''),
	kind: text().notNull(),
	detail: text().notNull().default(''),
	first: boolean().notNull(),
	machine: boolean().notNull().default(false),
	day: date({ mode: 'string' }).notNull(),
	enrolledDay: date({ mode: 'string' }).notNull(),
	count: integer().notNull()
});

export const reportCounts = pgTable(
	'report_counts',
	{
		orgId: orgId(),
		cadenceId: uuid().notNull(),
		versionId: uuid().notNull(),
		actionId: text().notNull(),
		kind: text().notNull(),
		detail: text().notNull(),
		first: boolean().notNull(),
		machine: boolean().notNull(),
		day: date({ mode: 'string' }).notNull(),
		enrolledDay: date({ mode: 'string' }).notNull(),
		count: bigint({ mode: 'number' }).notNull()
	},
	(t) => [
		primaryKey({
			name: 'report_counts_pkey',
			columns: [
				t.orgId,
				t.cadenceId,
				t.versionId,
				t.actionId,
				t.kind,
				t.detail,
				t.first,
				t.machine,
				t.day,
				t.enrolledDay
			]
		})
	]
);

export const activities = pgTable(
	'activities',
	{
		orgId: orgId(),
		id: id(),
		kind: text().$type<'task' | 'call'>().notNull(),
		recordId: uuid().notNull(),
		ownerId: uuid().notNull(),
		subject: text().notNull(),
		description: text().notNull().default(''),
		/** Task statuses of SPEC GRA-6; a call is `Scheduled` or `Completed`. `Cancelled` is the system's (UNE-4) or a user's. */
		status: text().notNull(),
		result: text(),
		note: text().notNull().default(''),
		durationSeconds: integer(),
		priority: text().$type<'Low' | 'Normal' | 'High'>().notNull().default('Normal'),
		phone: text(),
		/** Due (task) or start (call). */
		dueAt: instant(),
		remindAt: instant(),
		remindedAt: instant(),
		snoozedUntil: instant(),
		/** Set once `overdue` was recorded. */
		overdueAt: instant(),
		completedAt: instant(),
		cancelledAt: instant(),
		/** `system`: by un-enrollment; `user`: by a person. */
		cancelledBy: text().$type<'system' | 'user'>(),
		deletedAt: instant(),
		/** The action_run that made it, whose id it has; null for activities made by hand. */
		actionRunId: uuid(),
		enrollmentId: uuid(),
		runNo: integer(),
		actionId: text(),
		/** GRA-8: the task that lets a held e-mail go; none of its changes is a response to the e-mail. */
		review: boolean().notNull().default(false),
		createdAt: createdAt(),
		createdBy: uuid()
	},
	(t) => [
		primaryKey({ name: 'activities_pkey', columns: [t.orgId, t.id] }),
		// One activity of an action_run at most: the key above says so.
		check('activities_action_run_check', sql`action_run_id = id`),
		// The record of one made by hand is checked by a trigger; for the engine's see action_runs.
		index('activities_record_idx').on(t.orgId, t.recordId, t.createdAt),
		// Both without the id: what is due at one instant comes one behind the other and shares entries (measured: a tenth
		// of the insert, a fifth of its WAL).
		index('activities_open_idx')
			.on(t.orgId, t.ownerId, t.dueAt)
			.where(sql`completed_at is null and cancelled_at is null and deleted_at is null`),
		index('activities_overdue_idx')
			.on(t.dueAt)
			.where(
				sql`completed_at is null and cancelled_at is null and deleted_at is null and overdue_at is null`
			),
		// CRM-9: a call always wakes its owner when it is due, a task only with a reminder.
		index('activities_remind_idx')
			.on(sql`(coalesce(${t.snoozedUntil}, ${t.remindAt}, ${t.dueAt}))`)
			.where(
				sql`reminded_at is null and completed_at is null and cancelled_at is null and deleted_at is null and (kind = 'call' or remind_at is not null or snoozed_until is not null)`
			)
	]
);
