import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reachableByOthers } from '../postgres/platform.ts';

export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Everything that outlives a run: `.data/` in the checkout, or CADENZA_DATA. */
export const dataFolder = (env: NodeJS.ProcessEnv): string =>
	env.CADENZA_DATA || join(projectFolder, '.data');

/**
 * Where the embedded PostgreSQL lives. Root must lend it to user postgres, who cannot walk into a checkout below a
 * closed folder (such as /root): then it goes to /var/lib, by a name that belongs to this checkout.
 */
export function clusterFolder(data: string): string {
	if (process.getuid?.() !== 0 || reachableByOthers(data)) return join(data, 'postgres');
	const name = createHash('sha256').update(data).digest('hex').slice(0, 12);
	return join('/var/lib/cadenza', name, 'postgres');
}

/** A secret made once and kept beside the data, readable by its owner only. */
export async function keptSecret(data: string, name: string): Promise<string> {
	const file = join(data, name);
	if (!existsSync(file)) {
		await mkdir(data, { recursive: true });
		await writeFile(file, randomBytes(32).toString('base64'), { mode: 0o600 });
	}
	return (await readFile(file, 'utf8')).trim();
}
