import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** One mail as the sink saw it. */
export type SunkMail = { at: number; from: string; to: string[]; messageId: string; raw: string };

export type SmtpSink = {
	url: string;
	port: number;
	mails: SunkMail[];
	parse: (mail: SunkMail) => Promise<ParsedMail>;
	stop: () => Promise<void>;
};

/**
 * A relay in the test's own process that takes everything and keeps it. `delayMs` is waited between the end of the message
 * and the 250. For a log that a judge can read: startSink.ts.
 */
export async function startSmtpSink(options: { delayMs?: number; port?: number } = {}): Promise<SmtpSink> {
	const mails: SunkMail[] = [];
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: ['AUTH', 'STARTTLS'],
		logger: false,
		closeTimeout: 500,
		onData: (stream, session, done) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			// A sender that was killed in the middle of the message: nothing was accepted.
			stream.on('error', (error) => done(error));
			stream.on('end', () => {
				const raw = Buffer.concat(chunks).toString('latin1');
				const mail = {
					at: Date.now(),
					from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
					to: session.envelope.rcptTo.map((one) => one.address),
					messageId: /^message-id:\s*(<[^>]+>)/im.exec(raw)?.[1] ?? '',
					raw
				};
				mails.push(mail);
				setTimeout(() => done(null, 'queued'), options.delayMs ?? 0);
			});
		}
	});
	server.on('error', () => undefined);
	await new Promise<void>((done) => server.listen(options.port ?? 0, '127.0.0.1', () => done()));
	const address = server.server.address();
	const port = typeof address === 'object' && address ? address.port : 0;
	return {
		url: `smtp://127.0.0.1:${port}`,
		port,
		mails,
		parse: (mail) => simpleParser(Buffer.from(mail.raw, 'latin1')),
		stop: () => new Promise((done) => server.close(() => done()))
	};
}
