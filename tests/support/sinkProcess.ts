import { appendFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';
import type { SinkEntry } from './sinkLog.ts';

/**
 * A relay in a process of its own, told by its arguments: log file, milliseconds to wait before each 250. It takes
 * everything and writes down what it saw; messages of the parent: `{ kill: pid }` is noted, 'stop' ends it.
 */
const [logFile = '', delayMs = '0'] = process.argv.slice(2);
const FLUSH_MS = 20;
/** Headers end long before. */
const HEADER_BYTES = 32 * 1024;

type Line = {
	id: number;
	quit: boolean;
	state: 'idle' | 'data' | 'received' | 'answered';
	messageId: string;
	at: number;
};
/** By remote port; ids are never used again, ports are. */
const lines = new Map<number, Line>();
let opened = 0;
const waiting: string[] = [];
let received = 0;
let told = 0;

const note = (entry: SinkEntry) => void waiting.push(`${JSON.stringify(entry)}\n`);
function flush(): void {
	if (waiting.length) appendFileSync(logFile, waiting.splice(0).join(''));
	if (received !== told) process.send?.({ received: (told = received) });
}

const server = new SMTPServer({
	authOptional: true,
	disabledCommands: ['AUTH', 'STARTTLS'],
	disableReverseLookup: true,
	logger: false,
	closeTimeout: 500,
	onData: (stream, session, done) => {
		const port = session.remotePort;
		const id = lines.get(port)?.id ?? 0;
		const set = (change: Partial<Line>) => {
			const line = lines.get(port);
			if (line?.id === id) lines.set(port, { ...line, ...change, at: Date.now() });
		};
		const to = session.envelope.rcptTo.map((one) => one.address);
		set({ state: 'data', messageId: '' });
		const beganAt = Date.now();
		let head = '';
		stream.on('data', (chunk: Buffer) => {
			if (head.length < HEADER_BYTES) head += chunk.toString('latin1');
		});
		// A sender that was killed in the middle of the message: nothing was accepted.
		stream.on('error', (error) => done(error));
		stream.on('end', () => {
			const messageId = /^message-id:\s*(<[^>]+>)/im.exec(head)?.[1] ?? '';
			const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
			// Noted before it is answered: what the relay holds in full may reach somebody, whatever the sender learns.
			note({ event: 'mail', beganAt, at: Date.now(), line: id, from, to, messageId });
			received++;
			set({ state: 'received', messageId });
			const answer = () => {
				set({ state: 'answered' });
				done(null, 'queued');
			};
			if (Number(delayMs)) setTimeout(answer, Number(delayMs));
			else answer();
		});
	}
});
server.on('error', () => undefined);
server.server.on('connection', (socket) => {
	const port = socket.remotePort ?? 0;
	lines.set(port, { id: ++opened, quit: false, state: 'idle', messageId: '', at: Date.now() });
	socket.on('data', (chunk: Buffer) => {
		const line = lines.get(port);
		if (line && chunk.length <= 6 && /^quit\r?\n/i.test(chunk.toString('latin1')))
			lines.set(port, { ...line, quit: true });
	});
	socket.on('close', () => {
		const line = lines.get(port);
		lines.delete(port);
		if (!line || line.quit) return;
		const now = Date.now();
		note({
			event: 'cut',
			at: now,
			line: line.id,
			state: line.state,
			messageId: line.messageId,
			sinceMs: now - line.at
		});
	});
});

process.on('message', (message: 'stop' | { kill: number }) => {
	if (message !== 'stop') return note({ event: 'kill', at: Date.now(), pid: message.kill });
	server.close();
	flush();
	process.exit(0);
});
process.on('disconnect', () => process.exit(0));
setInterval(flush, FLUSH_MS);
server.listen(0, '127.0.0.1', () => {
	const address = server.server.address();
	process.send?.({ port: typeof address === 'object' && address ? address.port : 0 });
});
