import { sql } from 'drizzle-orm';
import {
	bigint,
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
import type { Draft } from '#lib/domain/cadence/draft.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import { createdAt, id, instant, orgId } from './columns.ts';
import { bytea, modules } from './crm.ts';
import { packedJson } from '../packedJson.ts';

export const cadences = pgTable(
	'cadences',
	{
		orgId: orgId(),
		id: id(),
		moduleId: uuid().notNull(),
		name: text().notNull(),
		description: text().notNull().default(''),
		enrollmentKind: text().$type<'manual' | 'view'>().notNull(),
		/** CAD-3. `draft` = never published. */
		state: text().$type<'draft' | 'active' | 'inactive'>().notNull().default('draft'),
		activeVersionId: uuid(),
		/** Copied from the active version's settings: what view enrollment and sweeps look at. */
		viewId: uuid(),
		activatedAt: instant(),
		/** Last completed view scan (ENR-2, RELIABILITY.md 2.4). */
		scannedAt: instant(),
		nextScanAt: instant(),
		createdBy: uuid().notNull(),
		createdAt: createdAt(),
		publishedBy: uuid(),
		publishedAt: instant(),
		deletedAt: instant()
	},
	(t) => [
		primaryKey({ name: 'cadences_pkey', columns: [t.orgId, t.id] }),
		foreignKey({
			name: 'cadences_module_fkey',
			columns: [t.orgId, t.moduleId],
			foreignColumns: [modules.orgId, modules.id]
		}),
		uniqueIndex('cadences_name_key')
			.on(t.orgId, sql`lower(${t.name})`)
			.where(sql`deleted_at is null`),
		index('cadences_view_idx')
			.on(t.orgId, t.viewId)
			.where(sql`deleted_at is null`)
	]
);

/** LIM-3: one row per organization and module, locked by whoever counts cadences. */
export const cadenceLimits = pgTable(
	'cadence_limits',
	{ orgId: orgId(), moduleId: uuid().notNull() },
	(t) => [primaryKey({ name: 'cadence_limits_pkey', columns: [t.orgId, t.moduleId] })]
);

export const cadenceVersions = pgTable(
	'cadence_versions',
	{
		orgId: orgId(),
		id: id(),
		cadenceId: uuid().notNull(),
		n: integer().notNull(),
		plan: jsonb().$type<Plan>().notNull(),
		planSha256: text().notNull(),
		/** The draft as it was published: what diff, restore and clone read. */
		graph: packedJson().$type<Draft>().notNull(),
		docGeneration: integer().notNull(),
		docSeq: bigint({ mode: 'number' }).notNull(),
		note: text().notNull().default(''),
		/** Added / changed / removed since n - 1, with authors. */
		changes: jsonb().notNull().default({}),
		publishedBy: uuid().notNull(),
		publishedAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'cadence_versions_pkey', columns: [t.orgId, t.id] }),
		unique('cadence_versions_n_key').on(t.orgId, t.cadenceId, t.n),
		// What a run refers to: a version of its own cadence.
		unique('cadence_versions_cadence_key').on(t.orgId, t.cadenceId, t.id),
		foreignKey({
			name: 'cadence_versions_cadence_fkey',
			columns: [t.orgId, t.cadenceId],
			foreignColumns: [cadences.orgId, cadences.id]
		})
	]
);

/** One row per draft document. The row lock orders all writers of all app processes (RELIABILITY.md 3.2.12). */
export const documents = pgTable(
	'documents',
	{
		orgId: orgId(),
		cadenceId: uuid().notNull(),
		generation: integer().notNull().default(1),
		/** Last used log number. */
		seq: bigint({ mode: 'number' }).notNull().default(0),
		/** The log up to here is folded into a snapshot. */
		compactedSeq: bigint({ mode: 'number' }).notNull().default(0),
		createdAt: createdAt()
	},
	(t) => [
		primaryKey({ name: 'documents_pkey', columns: [t.orgId, t.cadenceId] }),
		foreignKey({
			name: 'documents_cadence_fkey',
			columns: [t.orgId, t.cadenceId],
			foreignColumns: [cadences.orgId, cadences.id]
		})
	]
);

export const documentUpdates = pgTable(
	'document_updates',
	{
		orgId: orgId(),
		cadenceId: uuid().notNull(),
		generation: integer().notNull(),
		seq: bigint({ mode: 'number' }).notNull(),
		bytes: bytea().notNull(),
		userId: uuid(),
		at: createdAt()
	},
	(t) => [
		primaryKey({ name: 'document_updates_pkey', columns: [t.orgId, t.cadenceId, t.generation, t.seq] }),
		foreignKey({
			name: 'document_updates_document_fkey',
			columns: [t.orgId, t.cadenceId],
			foreignColumns: [documents.orgId, documents.cadenceId]
		})
	]
);

export const documentSnapshots = pgTable(
	'document_snapshots',
	{
		orgId: orgId(),
		cadenceId: uuid().notNull(),
		generation: integer().notNull(),
		seq: bigint({ mode: 'number' }).notNull(),
		bytes: bytea().notNull(),
		at: createdAt()
	},
	(t) => [
		primaryKey({ name: 'document_snapshots_pkey', columns: [t.orgId, t.cadenceId, t.generation, t.seq] }),
		foreignKey({
			name: 'document_snapshots_document_fkey',
			columns: [t.orgId, t.cadenceId],
			foreignColumns: [documents.orgId, documents.cadenceId]
		})
	]
);

/** Which user owns a Yjs client id of a document: the first writer; nobody else may write it. */
export const documentClients = pgTable(
	'document_clients',
	{
		orgId: orgId(),
		cadenceId: uuid().notNull(),
		generation: integer().notNull(),
		clientId: bigint({ mode: 'number' }).notNull(),
		userId: uuid().notNull(),
		at: createdAt()
	},
	(t) => [
		primaryKey({ name: 'document_clients_pkey', columns: [t.orgId, t.cadenceId, t.generation, t.clientId] }),
		foreignKey({
			name: 'document_clients_document_fkey',
			columns: [t.orgId, t.cadenceId],
			foreignColumns: [documents.orgId, documents.cadenceId]
		})
	]
);

/** Who changed a draft, and until when: what compaction keeps of the log entries it folds (VER-2). */
export const documentContributors = pgTable(
	'document_contributors',
	{
		orgId: orgId(),
		cadenceId: uuid().notNull(),
		userId: uuid().notNull(),
		lastSeq: bigint({ mode: 'number' }).notNull()
	},
	(t) => [
		primaryKey({ name: 'document_contributors_pkey', columns: [t.orgId, t.cadenceId, t.userId] }),
		foreignKey({
			name: 'document_contributors_document_fkey',
			columns: [t.orgId, t.cadenceId],
			foreignColumns: [documents.orgId, documents.cadenceId]
		})
	]
);
