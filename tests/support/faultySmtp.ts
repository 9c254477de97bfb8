import { createServer, type Socket } from 'node:net';

/** Where the relay misbehaves, and how: a reply of its own, a dropped line, or a reply that never comes. */
export type SmtpFault = {
	/** `go`: behind the 354, before the first byte. */
	at: 'connect' | 'ehlo' | 'mail' | 'rcpt' | 'data' | 'go' | 'body' | 'dot' | 'afterAccept';
	how: { reply: string } | { late: string; afterMs: number } | 'close' | 'stall';
};

export type FaultySmtp = {
	url: string;
	/** Recipients of messages whose final dot the relay received; `accepted` says that it answered 250. */
	received: { to: string; accepted: boolean }[];
	connections: number;
	setFault: (to: string, fault: SmtpFault) => void;
	/** Meets every dialogue, before a recipient is known. */
	setGlobal: (fault: SmtpFault | null) => void;
	stop: () => Promise<void>;
};

/** A relay written by hand: each recipient may meet a fault of its own; everybody else is served. */
export async function startFaultySmtp(options: { pipelining?: boolean } = {}): Promise<FaultySmtp> {
	const faults = new Map<string, SmtpFault>();
	let global: SmtpFault | null = null;
	const sockets = new Set<Socket>();
	const state: FaultySmtp = {
		url: '',
		received: [],
		connections: 0,
		setFault: (to, fault) => void faults.set(to, fault),
		setGlobal: (fault) => (global = fault),
		stop: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((done) => server.close(() => done()));
		}
	};
	const server = createServer((socket) => {
		sockets.add(socket);
		state.connections++;
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => undefined);
		let to = '';
		let inBody = false;
		let refused = false;
		let rest = '';
		const say = (line: string) => void socket.write(`${line}\r\n`);
		/** True when the fault took over. */
		const meets = (at: SmtpFault['at']): boolean => {
			const fault = global?.at === at ? global : faults.get(to)?.at === at ? faults.get(to)! : null;
			if (!fault) return false;
			if (fault.how === 'close') socket.destroy();
			else if (fault.how === 'stall') return true;
			else if ('late' in fault.how) {
				const { late, afterMs } = fault.how;
				setTimeout(() => say(late), afterMs);
			} else {
				say(fault.how.reply);
				if (fault.how.reply.startsWith('421')) socket.end();
			}
			return true;
		};
		if (!meets('connect')) say('220 faulty ESMTP');
		const take = (line: string) => {
			const verb = line.slice(0, 4).toUpperCase();
			if (verb === 'EHLO' || verb === 'HELO') {
				if (!meets('ehlo')) say(options.pipelining ? '250-faulty\r\n250 PIPELINING' : '250 faulty');
			} else if (verb === 'MAIL') {
				refused = meets('mail');
				if (!refused) say('250 2.1.0 ok');
			} else if (verb === 'RCPT') {
				to = /<([^>]*)>/.exec(line)?.[1] ?? '';
				if (refused) return say('503 5.5.1 no sender');
				refused = meets('rcpt');
				if (!refused) say('250 2.1.5 ok');
			} else if (verb === 'DATA') {
				if (refused) return say('503 5.5.1 no recipient');
				if (meets('data')) return;
				inBody = true;
				say('354 go on');
				if (faults.get(to)?.at === 'go') socket.end();
			} else if (verb === 'RSET') {
				refused = false;
				to = '';
				say('250 2.0.0 reset');
			} else if (verb === 'QUIT') socket.end('221 bye\r\n');
			else say('502 5.5.1 unknown');
		};
		const endOfBody = () => {
			inBody = false;
			const fault = faults.get(to);
			const accepted =
				fault?.at !== 'dot' ||
				(typeof fault.how === 'object' && 'late' in fault.how) ||
				fault.how === 'stall';
			state.received.push({ to, accepted });
			// Taken, but the sender never learns of it.
			if (fault?.at === 'afterAccept') return void socket.destroy();
			if (!meets('dot')) say('250 2.0.0 queued');
			to = '';
		};
		socket.on('data', (chunk: Buffer) => {
			if (inBody && faults.get(to)?.at === 'body') return void socket.destroy();
			rest += chunk.toString('latin1');
			for (;;) {
				const end = inBody ? rest.indexOf('\r\n.\r\n') : rest.indexOf('\r\n');
				if (end === -1) return;
				const line = rest.slice(0, end);
				rest = rest.slice(end + (inBody ? 5 : 2));
				if (inBody) endOfBody();
				else take(line);
			}
		});
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
	const address = server.address();
	state.url = `smtp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
	return state;
}
