import { sql } from 'drizzle-orm';
import {
	bigint,
	boolean,
	customType,
	foreignKey,
	index,
	integer,
	jsonb,
	pgTable,
	primaryKey,
	text,
	unique,
	uniqueIndex,
	uuid
} from 'drizzle-orm/pg-core';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import type { RecordData } from '#lib/domain/crm/checkRecord.ts';
import type { FieldType } from '#lib/domain/crm/fields.ts';
import { createdAt, id, instant, orgId } from './columns.ts';

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

/** Compared byte by byte in every database, so that a prefix is a range. */
const byteText = customType<{ data: string; driverData: string }>({ dataType: () => 'text collate "C"' });

export const modules = pgTable(
	'modules',
	{
		orgId: orgId(),
		id: id(),
		/** `leads`, ...; custom modules get one from their plural name. Never changes. */
		key: text().notNull(),
		singular: text().notNull(),
		plural: text().notNull(),
		kind: text().$type<'system' | 'custom'>().notNull(),
		position: integer().notNull().default(0),
		/** How merge fields called it before it was renamed: they are understood for ever. */
		formerNames: jsonb().$type<string[]>().notNull().default([]),
		createdAt: createdAt(),
		deletedAt: instant()
	},
	(t) => [
		primaryKey({ name: 'modules_pkey', columns: [t.orgId, t.id] }),
		unique('modules_key_key').on(t.orgId, t.key)
	]
);

export const fields = pgTable(
	'fields',
	{
		orgId: orgId(),
		id: id(),
		moduleId: uuid().notNull(),
		/** Key in records.data; never changes, so renaming breaks nothing. */
		key: text().notNull(),
		label: text().notNull(),
		type: text().$type<FieldType>().notNull(),
		/** Picklist values as records store them, in order. They never change: a renamed one has a label. */
		options: jsonb().$type<string[]>().notNull().default([]),
		/** Stored value -> what people read, for renamed ones. */
		optionLabels: jsonb().$type<Record<string, string>>().notNull().default({}),
		/** Values that records may hold but nobody can choose any more. */
		retiredOptions: jsonb().$type<string[]>().notNull().default([]),
		required: boolean().notNull().default(false),
		unique: boolean().notNull().default(false),
		/** Part of the module's standard set. */
		system: boolean().notNull().default(false),
		lookupModuleId: uuid(),
		position: integer().notNull().default(0),
		createdAt: createdAt(),
		/** Its values stay in the records, so that it can be restored. */
		deletedAt: instant()
	},
	(t) => [
		primaryKey({ name: 'fields_pkey', columns: [t.orgId, t.id] }),
		unique('fields_key_key').on(t.orgId, t.moduleId, t.key),
		foreignKey({
			name: 'fields_module_fkey',
			columns: [t.orgId, t.moduleId],
			foreignColumns: [modules.orgId, modules.id]
		})
	]
);

export const records = pgTable(
	'records',
	{
		orgId: orgId(),
		id: id(),
		moduleId: uuid().notNull(),
		/** What lists and links show: computed from the module's name fields at each write. */
		name: text().notNull(),
		/**
		 * Sorts and searches by name. A column, because under row level security an index serves a condition only if
		 * the condition is leakproof: comparing a column is, calling lower() is not.
		 */
		nameSort: byteText().generatedAlwaysAs(sql`lower(name)`),
		ownerId: uuid().notNull(),
		/** Field key -> value. Dates `YYYY-MM-DD`, date-times ISO in UTC, lookups and users an id. */
		data: jsonb().$type<RecordData>().notNull(),
		tags: text()
			.array()
			.notNull()
			.default(sql`'{}'::text[]`),
		timeZone: text(),
		emailOptOut: boolean().notNull().default(false),
		callOptOut: boolean().notNull().default(false),
		whatsappOptOut: boolean().notNull().default(false),
		/** Lower-case name, e-mails, phones: what search looks at. Written with the record. */
		search: text().notNull().default(''),
		createdAt: createdAt(),
		createdBy: uuid(),
		modifiedAt: createdAt(),
		modifiedBy: uuid(),
		deletedAt: instant(),
		convertedAt: instant(),
		mergedIntoId: uuid()
	},
	(t) => [
		primaryKey({ name: 'records_pkey', columns: [t.orgId, t.id] }),
		foreignKey({
			name: 'records_module_fkey',
			columns: [t.orgId, t.moduleId],
			foreignColumns: [modules.orgId, modules.id]
		}),
		// Ascending on purpose: read backwards they serve `desc` too, while `.desc()` would add NULLS LAST, which no
		// `order by ... desc` asks for, and the index would never be used.
		index('records_created_idx')
			.on(t.orgId, t.moduleId, t.createdAt, t.id)
			.where(sql`deleted_at is null`),
		index('records_modified_idx')
			.on(t.orgId, t.moduleId, t.modifiedAt, t.id)
			.where(sql`deleted_at is null`),
		index('records_name_idx')
			.on(t.orgId, t.moduleId, t.nameSort, t.id)
			.where(sql`deleted_at is null`),
		index('records_owner_idx')
			.on(t.orgId, t.moduleId, t.ownerId, t.createdAt, t.id)
			.where(sql`deleted_at is null`),
		// Who has this address: duplicates of an import, mail that came in. Serves the worker, which row level security
		// does not hold back from expression indexes.
		index('records_email_idx')
			.on(t.orgId, t.moduleId, sql`lower(data ->> 'email')`)
			.where(sql`deleted_at is null`)
	]
);

/** Changed ids, written in the transaction of the change and drained in sets (ENR-2, UNE-1). */
export const recordChanges = pgTable('record_changes', {
	id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
	orgId: orgId(),
	moduleId: uuid().notNull(),
	recordId: uuid().notNull(),
	at: createdAt()
});

export type ViewSort = { field: string; direction: 'asc' | 'desc' };

export const views = pgTable(
	'views',
	{
		orgId: orgId(),
		id: id(),
		moduleId: uuid().notNull(),
		name: text().notNull(),
		/** System views ("All leads") cannot be edited or deleted. */
		system: boolean().notNull().default(false),
		criteria: jsonb().$type<Criteria>().notNull(),
		columns: jsonb().$type<string[]>().notNull(),
		sort: jsonb().$type<ViewSort>().notNull(),
		shared: boolean().notNull().default(true),
		ownerId: uuid(),
		/** Raised at each change of the criteria. */
		revision: integer().notNull().default(1),
		createdAt: createdAt(),
		/** When it was. */
		modifiedAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'views_pkey', columns: [t.orgId, t.id] }),
		foreignKey({
			name: 'views_module_fkey',
			columns: [t.orgId, t.moduleId],
			foreignColumns: [modules.orgId, modules.id]
		}),
		uniqueIndex('views_name_key').on(
			t.orgId,
			t.moduleId,
			sql`lower(${t.name})`,
			sql`coalesce(case when shared then null else owner_id end, '00000000-0000-0000-0000-000000000000'::uuid)`
		)
	]
);

export type LayoutColumn = { key: string; width?: number | undefined };

/** CRM-7: how one user wants a view's list: columns in order, with widths in pixels. */
export const viewLayouts = pgTable(
	'view_layouts',
	{
		orgId: orgId(),
		userId: uuid().notNull(),
		viewId: uuid().notNull(),
		columns: jsonb().$type<LayoutColumn[]>().notNull()
	},
	(t) => [
		primaryKey({ name: 'view_layouts_pkey', columns: [t.orgId, t.userId, t.viewId] }),
		foreignKey({
			name: 'view_layouts_view_fkey',
			columns: [t.orgId, t.viewId],
			foreignColumns: [views.orgId, views.id]
		}).onDelete('cascade')
	]
);

export type ImportStatus = 'uploaded' | 'running' | 'done' | 'failed' | 'cancelled' | 'undoing' | 'undone';

export type ImportUndo = {
	deleted: number;
	restored: number;
	/** Records that were left as they are. */
	kept: number;
	/** Audit entry to go on after. */
	after: string | null;
	/** The first records that were left, with why. */
	problems: { recordId: string; name: string; reason: string }[];
};

export const imports = pgTable(
	'imports',
	{
		orgId: orgId(),
		id: id(),
		moduleId: uuid().notNull(),
		fileName: text().notNull(),
		content: bytea(),
		status: text().$type<ImportStatus>().notNull().default('uploaded'),
		/** CSV column -> field key, value replacements, duplicate handling. */
		settings: jsonb(),
		total: integer().notNull().default(0),
		processed: integer().notNull().default(0),
		created: integer().notNull().default(0),
		updated: integer().notNull().default(0),
		skipped: integer().notNull().default(0),
		failed: integer().notNull().default(0),
		/** What taking the import back did so far, and where it goes on. */
		undo: jsonb().$type<ImportUndo>(),
		error: text(),
		createdBy: uuid().notNull(),
		createdAt: createdAt(),
		finishedAt: instant()
	},
	(t) => [
		primaryKey({ name: 'imports_pkey', columns: [t.orgId, t.id] }),
		foreignKey({
			name: 'imports_module_fkey',
			columns: [t.orgId, t.moduleId],
			foreignColumns: [modules.orgId, modules.id]
		})
	]
);

export const importErrors = pgTable(
	'import_errors',
	{
		orgId: orgId(),
		importId: uuid().notNull(),
		/** 1 = the first row below the header. */
		row: integer().notNull(),
		column: text().notNull().default(''),
		/** A warning's row was imported all the same. */
		severity: text().$type<'error' | 'warning'>().notNull().default('error'),
		message: text().notNull(),
		raw: jsonb().notNull()
	},
	(t) => [
		primaryKey({ name: 'import_errors_pkey', columns: [t.orgId, t.importId, t.row, t.column] }),
		foreignKey({
			name: 'import_errors_import_fkey',
			columns: [t.orgId, t.importId],
			foreignColumns: [imports.orgId, imports.id]
		})
	]
);
