import type { TestProject } from 'vitest/node';
import { startTestCluster } from './cluster.ts';

declare module 'vitest' {
	export interface ProvidedContext {
		adminUrl: string;
		port: number;
	}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	// Runs that follow each other (the mutants) share one that is there already.
	const given = process.env['CADENZA_TEST_CLUSTER'];
	const cluster = given
		? { ...(JSON.parse(given) as { adminUrl: string; port: number }), stop: async () => undefined }
		: // E10 asks PostgreSQL which of two transactions was committed first.
			await startTestCluster({ settings: ['track_commit_timestamp=on'] });
	project.provide('adminUrl', cluster.adminUrl);
	project.provide('port', cluster.port);
	return cluster.stop;
}
