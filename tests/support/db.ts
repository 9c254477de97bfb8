import { test as base, inject } from 'vitest';
import { cloneDatabase, type TestDatabase } from './clone.ts';
import { useConfig } from './config.ts';

export { describe, expect } from 'vitest';
export type { TestDatabase } from './clone.ts';

/** `test` with `db`: one clone of the migrated template database per test file, which the configuration points to. */
export const test = base.extend('db', { scope: 'file' }, async ({}, { onCleanup }): Promise<TestDatabase> => {
	const { drop, ...database } = await cloneDatabase(inject('adminUrl'), inject('port'));
	onCleanup(drop);
	useConfig(database.urls);
	return database;
});
