import { pathToFileURL } from 'node:url';
import { getConfig } from '../../config.ts';
import { standInSecrets } from './connectStandIn.ts';
import { startWhatsappStandIn, type StandIn } from './standIn.ts';

/** CHA-3: the demo's stand-in; listens where WHATSAPP_BASE_URL points and reports to this product's webhook. */
export function startDemoStandIn(): Promise<StandIn> {
	const { WHATSAPP_BASE_URL, ORIGIN } = getConfig();
	const { token, appSecret, phoneNumberId, businessAccountId } = standInSecrets;
	return startWhatsappStandIn({
		port: Number(new URL(WHATSAPP_BASE_URL).port) || 0,
		callbackUrl: `${ORIGIN}/hooks/whatsapp`,
		token,
		appSecret,
		phoneNumberId,
		businessAccountId
	});
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	const standIn = await startDemoStandIn();
	const stop = () => void standIn.stop().then(() => process.exit(0));
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
	process.send?.('ready');
}
