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
		: await startTestCluster();
	project.provide('adminUrl', cluster.adminUrl);
	project.provide('port', cluster.port);
	return cluster.stop;
}
