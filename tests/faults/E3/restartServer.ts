import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCluster } from '../../../scripts/postgres/cluster.ts';
import { findBinaries, findRunAs } from '../../../scripts/postgres/platform.ts';

const run = promisify(execFile);

/** As if the machine lost its PostgreSQL: no goodbye, no checkpoint; then it comes back and recovers from its log. */
export async function restartServer(folder: string): Promise<{ downMs: number }> {
	const runAs = findRunAs();
	const { pgCtl } = await findBinaries(runAs, join(folder, '..'));
	const stoppedAt = Date.now();
	await run(pgCtl, ['-D', join(folder, 'data'), '-m', 'immediate', '-w', 'stop'], { ...runAs });
	await startCluster({ folder, durable: true });
	return { downMs: Date.now() - stoppedAt };
}
