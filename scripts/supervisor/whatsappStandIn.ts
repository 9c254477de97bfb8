import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { startWhatsappStandIn } from '../../src/lib/server/channels/whatsapp/standIn.ts';
import { demoWhatsapp, type DemoWhatsapp } from '../../src/lib/server/demo/whatsapp.ts';
import { freePort } from '../postgres/cluster.ts';
import { keptSecret } from './dataFolder.ts';

export interface RunningStandIn {
	account: DemoWhatsapp;
	stop: () => Promise<void>;
}

/** The demo's WhatsApp account talks to a server on this machine; its port is kept, as the account stores the address. */
export async function startStandIn(data: string, origin: string): Promise<RunningStandIn> {
	const file = join(data, 'whatsapp-port');
	const wanted = existsSync(file) ? Number(await readFile(file, 'utf8')) : 1090;
	const port = (await freePort(wanted)) ?? (await freePort(0));
	if (!port) throw new Error('No free port for the WhatsApp stand-in.');
	await writeFile(file, String(port));
	const secrets = {
		token: await keptSecret(data, 'whatsapp-token'),
		appSecret: await keptSecret(data, 'whatsapp-app-secret'),
		verifyToken: await keptSecret(data, 'whatsapp-verify-token')
	};
	const standIn = await startWhatsappStandIn({
		host: '127.0.0.1',
		port,
		callbackUrl: `${origin}/hooks/whatsapp`,
		phoneNumberId: demoWhatsapp.phoneNumberId,
		businessAccountId: demoWhatsapp.businessAccountId,
		token: secrets.token,
		appSecret: secrets.appSecret
	});
	return { account: { ...demoWhatsapp, ...secrets, baseUrl: standIn.url }, stop: standIn.stop };
}

/** After a restart on another port the demo's account follows. */
export async function pointDemoAt(ownerUrl: string, baseUrl: string): Promise<void> {
	const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
	try {
		await sql`update whatsapp_accounts set base_url = ${baseUrl}
			where phone_number_id = ${demoWhatsapp.phoneNumberId} and base_url <> ${baseUrl}`;
	} finally {
		await sql.end();
	}
}
