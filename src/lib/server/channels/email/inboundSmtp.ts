import { SMTPServer } from 'smtp-server';
import type { Db } from '../../db/client.ts';
import { getLog } from '../../log.ts';
import { findOrgsOf, tagOf } from './matchInbound.ts';
import { receiveMail } from './receiveMail.ts';

export type InboundSmtp = { port: number; stop: () => Promise<void> };

const MAX_BYTES = 10 * 1024 * 1024;

class SmtpReply extends Error {
	readonly responseCode: number;
	constructor(responseCode: number, message: string) {
		super(message);
		this.responseCode = responseCode;
	}
}

/**
 * CHA-1: the built-in listener for bounces, complaints and replies. Takes mail for signed addresses of ours, mail
 * domains of organizations and addresses of senders; says 250 only when what it means is stored, 451 when the database
 * is away. Needs the worker's login.
 */
export async function startInboundSmtp(
	db: Db,
	options: { host: string; port: number; onMail?: (kind: string) => void }
): Promise<InboundSmtp> {
	const server = new SMTPServer({
		name: 'cadenza',
		banner: 'ready',
		authOptional: true,
		disabledCommands: ['AUTH', 'STARTTLS'],
		size: MAX_BYTES,
		maxClients: 100,
		socketTimeout: 60_000,
		closeTimeout: 2_000,
		logger: false,
		onRcptTo: ({ address }, _session, done) => {
			accepts(db, address).then(
				(ok) => done(ok ? null : new SmtpReply(550, '5.1.1 Nobody here has this address')),
				() => done(new SmtpReply(451, '4.3.0 Try again later'))
			);
		},
		onData: (stream, session, done) => {
			const chunks: Buffer[] = [];
			let size = 0;
			stream.on('data', (chunk: Buffer) => {
				size += chunk.length;
				if (size <= MAX_BYTES) chunks.push(chunk);
			});
			// A peer that drops in the middle is normal.
			stream.on('error', (error) => done(error));
			stream.on('end', () => {
				if (size > MAX_BYTES) return done(new SmtpReply(552, '5.3.4 Message too large'));
				const { mailFrom, rcptTo } = session.envelope;
				receiveMail(db, {
					envelopeFrom: mailFrom ? mailFrom.address : '',
					recipients: rcptTo.map((recipient) => recipient.address.toLowerCase()),
					raw: Buffer.concat(chunks)
				}).then(
					(kind) => {
						options.onMail?.(kind);
						done(null, '2.0.0 stored');
					},
					(error: unknown) => {
						getLog().error({ error }, 'inbound mail not stored');
						done(new SmtpReply(451, '4.3.0 Try again later'));
					}
				);
			});
		}
	});
	server.on('error', (error) => getLog().warn({ error }, 'inbound SMTP connection error'));
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.port, options.host, () => resolve());
	});
	const address = server.server.address();
	return {
		port: typeof address === 'object' && address ? address.port : options.port,
		stop: () => new Promise((resolve) => server.close(() => resolve()))
	};
}

async function accepts(db: Db, address: string): Promise<boolean> {
	if (address.length > 254) return false;
	if (tagOf(address)) return true;
	return (await findOrgsOf(db, [address])).length > 0;
}
