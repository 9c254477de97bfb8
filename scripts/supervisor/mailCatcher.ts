import { freePort } from '../postgres/cluster.ts';

export interface MailCatcher {
	smtpUrl: string;
	webUrl: string;
	stop: () => Promise<void>;
}

/** The local mail catcher: takes every mail, delivers none, shows them on a web page. Bound to this machine only. */
export async function startMailCatcher(): Promise<MailCatcher> {
	const smtp = (await freePort(1025)) ?? (await freePort(0));
	const web = (await freePort(1080)) ?? (await freePort(0));
	if (!smtp || !web) throw new Error('No free port for the mail catcher.');
	const { default: MailDev } = await import('maildev');
	const maildev = new MailDev({ smtp, web, ip: '127.0.0.1', webIp: '127.0.0.1', silent: true });
	// It greets on standard output even when silent.
	const { info } = console;
	console.info = () => undefined;
	await maildev.start().finally(() => {
		console.info = info;
	});
	return {
		smtpUrl: `smtp://127.0.0.1:${smtp}`,
		webUrl: `http://127.0.0.1:${web}`,
		stop: async () => {
			await maildev.stop();
		}
	};
}
