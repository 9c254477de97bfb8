import type { TestProject } from 'vitest/node';
import { startTestCluster } from './cluster.ts';

declare module 'vitest' {
	export interface ProvidedContext {
		adminUrl: string;
		port: number;
	}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const cluster = await startTestCluster();
	project.provide('adminUrl', cluster.adminUrl);
	project.provide('port', cluster.port);
	return cluster.stop;
}
