import { isIPv6 } from 'node:net';
import { freePort, probePort } from '../postgres/cluster.ts';

/** The port of the pages: the wanted one or a sentence why not; without a wish 3000 or any free one. */
export async function choosePort(env: NodeJS.ProcessEnv): Promise<number> {
	const host = env.HOST || '127.0.0.1';
	const explain = (error: NodeJS.ErrnoException): never => {
		throw new Error(whyNot(error, host, env.PORT || '3000'));
	};
	if (env.PORT) return probePort(Number(env.PORT), host).catch(explain);
	return probePort(3000, host).catch(() => probePort(0, host).catch(explain));
}

/** OPS-1: what to change so that the pages can be listened for. */
export function whyNot(error: NodeJS.ErrnoException, host: string, port: string): string {
	switch (error.code) {
		case 'EADDRINUSE':
			return `Port ${port} is taken by another program. Set PORT to a free one.`;
		case 'EACCES':
			return `The system does not let this user listen on port ${port}. Set PORT to another one, such as 3000.`;
		case 'EADDRNOTAVAIL':
		case 'EAFNOSUPPORT':
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `HOST=${host} is no address of this machine. Set HOST to one of its own, such as 127.0.0.1.`;
		default:
			return `It is not possible to listen on ${host}, port ${port}: ${error.message}. Set HOST and PORT to others.`;
	}
}

/** Where this machine reaches what listens on `host`: "all addresses" is none to ask, and IPv6 stands in brackets. */
export function localAddress(host: string | undefined, port: number): string {
	const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
	const asked = host ? (everywhere[host] ?? host) : '127.0.0.1';
	return `http://${isIPv6(asked) ? `[${asked}]` : asked}:${port}`;
}

/** The port of replies and bounces: 0 switches the listener off. */
export async function chooseInboundPort(env: NodeJS.ProcessEnv): Promise<number> {
	if (env.INBOUND_SMTP_PORT) return Number(env.INBOUND_SMTP_PORT);
	return (await freePort(2525)) ?? (await freePort(0)) ?? 2525;
}
