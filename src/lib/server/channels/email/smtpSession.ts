import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { storableText } from '../storableText.ts';
import type { SmtpFailure, SmtpPhase } from './classify.ts';
import type { Relay } from './relay.ts';

export type Delivery = {
	/** VERP return path. */
	from: string;
	/** Exactly one recipient (RELIABILITY.md 4). */
	to: string;
	raw: Buffer;
	/**
	 * Called when the server has said 354, before any byte of the message leaves: commits `sending`. False = the claim
	 * was lost (withdrawn, lease over), nothing may be sent.
	 */
	begin: () => Promise<boolean>;
};

export type DeliveryResult =
	| { ok: true; response: string; providerId: string | null }
	| { ok: false; claimLost: true }
	| { ok: false; claimLost?: false; phase: SmtpPhase; failure: SmtpFailure };

/** How long a relay may take in all, however often it says a little: to open, until the 354, and from there to its answer. */
export type Patience = { openMs: number; envelopeMs: number; answerMs: number };
/**
 * What comes before the 354 ends within the lease of a claim, with its wait for a line (deliver.ts). RFC 5321 4.5.3.2.6: an
 * early timeout after the dot makes second copies; ten minutes and the time to say the message stay within the lease of a
 * send.
 */
const patience: Patience = { openMs: 30_000, envelopeMs: 40_000, answerMs: 660_000 };

/** A refusal is told at once: who does not answer the RSET after it loses the line. */
const resetMs = 5_000;

type SmtpError = Error & {
	code?: string;
	responseCode?: number;
	response?: string;
	command?: string;
};

const toFailure = (error: SmtpError): SmtpFailure => ({
	code: error.code,
	responseCode: error.responseCode,
	response: typeof error.response === 'string' ? error.response : undefined,
	command: error.command,
	message: error.message
});

export class SmtpOpenError extends Error {
	readonly failure: SmtpFailure;
	constructor(failure: SmtpFailure) {
		super(failure.message);
		this.failure = failure;
	}
}

/** One connection to a relay: opened once, used for one message after the other. */
export class SmtpSession {
	/** False once the line is gone or its state is unknown: never use it again. */
	usable = true;
	sent = 0;
	#connection: SMTPConnection;
	#onLoss: ((error: SmtpError) => void) | null = null;
	#patience: Patience;
	#timer: NodeJS.Timeout | undefined;

	constructor(relay: Relay) {
		this.#connection = new SMTPConnection({
			host: relay.address,
			servername: relay.host,
			port: relay.port,
			secure: relay.security === 'tls',
			requireTLS: relay.security === 'starttls',
			ignoreTLS: relay.security === 'none',
			// A fixed name: nothing a template says reaches the EHLO line.
			name: relay.clientName,
			tls: { servername: relay.host },
			connectionTimeout: 10_000,
			greetingTimeout: 15_000,
			socketTimeout: 600_000,
			socketCloseTimeout: 1_000
		});
		this.#patience = relay.patience ?? patience;
		const lost = (error: SmtpError) => this.#lose(error);
		// Without a listener a late error would end the process.
		this.#connection.on('error', lost);
		// An answer such as 421 is reported right after the end of the line: it says more.
		this.#connection.on('end', () => setImmediate(() => lost(new Error('The relay closed the connection.'))));
	}

	#lose(error: SmtpError): void {
		this.usable = false;
		this.#onLoss?.(error);
	}

	/** The line is lost unless the next limit, or none, comes first. */
	#limit(ms: number | null): void {
		clearTimeout(this.#timer);
		if (ms === null) return;
		const late = () =>
			this.#lose(Object.assign(new Error('The relay did not answer in time.'), { code: 'ETIMEDOUT' }));
		this.#timer = setTimeout(late, ms);
	}

	/** Connects and signs in. @throws SmtpOpenError */
	async open(auth: Relay['auth']): Promise<void> {
		this.#limit(this.#patience.openMs);
		try {
			await this.#step((done) => this.#connection.connect(done));
			if (auth)
				await this.#step((done) =>
					this.#connection.login({ credentials: { user: auth.user, pass: auth.password } }, (error) =>
						done(error ?? undefined)
					)
				);
		} catch (error) {
			this.close();
			throw new SmtpOpenError(toFailure(error as SmtpError));
		} finally {
			this.#limit(null);
		}
	}

	#step(run: (done: (error?: Error | null) => void) => void): Promise<void> {
		return new Promise<void>((resolve, reject) => {
			this.#onLoss = reject;
			run((error) => (error ? reject(error) : resolve()));
		}).finally(() => (this.#onLoss = null));
	}

	/** Hands over one message. Never throws: what happened is in the result. */
	async deliver({ from, to, raw, begin }: Delivery): Promise<DeliveryResult> {
		let phase: SmtpPhase = 'envelope';
		let claimLost = false;
		let asked = false;
		const goes = () => this.#limit(this.#patience.answerMs);
		this.#limit(this.#patience.envelopeMs);
		const lazy = new Readable({
			read() {
				// The first read happens when the server has said 354, with and without pipelining.
				if (asked) return;
				asked = true;
				goes();
				begin().then(
					(ok) => {
						if (ok && !this.destroyed) {
							phase = 'data';
							goes();
							this.push(raw);
							this.push(null);
							return;
						}
						claimLost = true;
						this.destroy(new Error('CLAIM_LOST'));
					},
					(error: unknown) => {
						claimLost = true;
						this.destroy(error instanceof Error ? error : new Error('CLAIM_LOST'));
					}
				);
			}
		});
		try {
			const info = await new Promise<{ response: string; serverMessageId?: string | undefined }>(
				(resolve, reject) => {
					this.#onLoss = reject;
					this.#connection.send({ from, to: [to], size: raw.length }, lazy, (error, result) =>
						error ? reject(error) : resolve(result)
					);
				}
			);
			this.sent++;
			return {
				ok: true,
				response: info.response,
				providerId: info.serverMessageId ? storableText(info.serverMessageId) : null
			};
		} catch (error) {
			const failure = toFailure(error as SmtpError);
			this.#limit(null);
			if (claimLost) {
				// The dialogue is inside DATA: dropping the line is the only way to say "no message".
				this.close();
				return { ok: false, claimLost: true };
			}
			await this.#recover(failure, phase);
			return { ok: false, phase, failure };
		} finally {
			this.#limit(null);
			this.#onLoss = null;
			lazy.destroy();
		}
	}

	/** After a refusal the line goes on with RSET; after anything else it is given up. */
	async #recover(failure: SmtpFailure, phase: SmtpPhase): Promise<void> {
		if (!this.usable || !failure.responseCode || failure.responseCode === 421) return this.close();
		if (phase === 'data') return;
		this.#limit(resetMs);
		await this.#step((done) => this.#connection.reset((error) => done(error ?? undefined))).catch(() =>
			this.close()
		);
	}

	close(): void {
		this.usable = false;
		this.#connection.close();
	}

	/** Says QUIT and leaves. */
	quit(): void {
		if (this.usable) this.#connection.quit();
		this.usable = false;
	}
}
