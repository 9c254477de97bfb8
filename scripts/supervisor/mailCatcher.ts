import { freePort } from '../postgres/cluster.ts';

export interface MailCatcher {
	smtpUrl: string;
	webUrl: string;
	stop: () => Promise<void>;
}

type Ports = { smtp: number; web: number };

/** The local mail catcher: takes every mail, delivers none, shows them on a web page. Bound to this machine only. */
export async function startMailCatcher(wanted: Ports = { smtp: 1025, web: 1080 }): Promise<MailCatcher> {
	const { default: MailDev } = await import('maildev');
	const listen = async (ports: Ports): Promise<MailCatcher> => {
		const maildev = new MailDev({ ...ports, ip: '127.0.0.1', webIp: '127.0.0.1', silent: true });
		const { smtp, api } = await quietly(() => maildev.start());
		return {
			smtpUrl: `smtp://127.0.0.1:${smtp.getPort()}`,
			webUrl: `http://127.0.0.1:${api?.getPort() ?? ports.web}`,
			stop: async () => {
				await maildev.stop();
			}
		};
	};
	const web = (await freePort(wanted.web)) ?? 0;
	// A free port can be taken until it is listened on, by a product that starts at the same time: then any ports will do.
	return listen({ smtp: wanted.smtp, web }).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'EADDRINUSE') throw error;
		return listen({ smtp: 0, web: 0 });
	});
}

/** It greets on standard output even when silent. */
async function quietly<T>(start: () => Promise<T>): Promise<T> {
	const { info } = console;
	console.info = () => undefined;
	return start().finally(() => {
		console.info = info;
	});
}
