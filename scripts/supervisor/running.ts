import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';

/** Where a running product can be reached; kept beside its data while it is ready. For tests and tools. */
export interface Running {
	pid: number;
	origin: string;
	/** Page of the mail catcher; its JSON is at /api/email. Null with a relay of the person's own. */
	mailPage: string | null;
	/** Page on which the other side of the WhatsApp stand-in answers. */
	whatsappPage: string | null;
	smtpUrl: string;
	inboundPort: number;
	logins: DatabaseUrls;
	logFolder: string;
	/** Process ids at the moment of becoming ready. */
	children: Record<string, number>;
}

const fileIn = (data: string) => join(data, 'running.json');

/** Readable by its owner only: it holds passwords. Returns how to take it away again. */
export async function writeRunning(data: string, running: Running): Promise<() => void> {
	await writeFile(fileIn(data), JSON.stringify(running, null, '\t'), { mode: 0o600 });
	return () => rmSync(fileIn(data), { force: true });
}

/** Null when nothing has become ready on this folder. */
export async function readRunning(data: string): Promise<Running | null> {
	const text = await readFile(fileIn(data), 'utf8').catch(() => null);
	return text === null ? null : (JSON.parse(text) as Running);
}
