import { SMTPServer } from 'smtp-server';
import { getConfig, setConfig } from '../config.ts';

/** While `work` runs, mails of this process are accepted by a relay that keeps nothing. */
export async function withQuietRelay<T>(work: () => Promise<T>): Promise<T> {
	const server = new SMTPServer({
		disabledCommands: ['AUTH', 'STARTTLS'],
		disableReverseLookup: true,
		onData(stream, _session, done) {
			stream.on('error', () => undefined);
			stream.on('end', () => done());
			stream.resume();
		}
	});
	server.on('error', () => undefined);
	await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
	const address = server.server.address();
	const port = typeof address === 'object' && address ? address.port : 0;
	const before = getConfig();
	setConfig({ ...before, SMTP_URL: `smtp://127.0.0.1:${port}`, ALLOW_PRIVATE_HOSTS: true });
	try {
		return await work();
	} finally {
		setConfig(before);
		await new Promise<void>((closed) => server.close(() => closed()));
	}
}
