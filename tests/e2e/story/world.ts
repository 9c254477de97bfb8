import { createTransport } from 'nodemailer';
import postgres from 'postgres';
import { startSmtpSink, type SmtpSink, type SunkMail } from '../../support/smtpSink.ts';
import { productFolder, startProduct, type Product } from '../support/product.ts';
import { rm } from 'node:fs/promises';

export interface World {
	product: Product;
	sink: SmtpSink;
	/** The owner's login: for looking and for the clock, never for doing the product's work. */
	sql: postgres.Sql;
	/** Moves the one clock of the engine forward. */
	passTime: (words: string) => Promise<void>;
	count: (query: postgres.PendingQuery<postgres.Row[]>) => Promise<number>;
	stop: () => Promise<void>;
}

/** A product of its own on a relay that keeps every mail. */
export async function startWorld(): Promise<World> {
	const sink = await startSmtpSink();
	const data = await productFolder();
	const product = await startProduct(data, { SMTP_URL: sink.url, ALLOW_PRIVATE_HOSTS: 'true' });
	const sql = postgres(product.logins.owner, { max: 2, onnotice: () => undefined });
	// Calls start at 10:00: the story always begins at the same time of night, whenever the test runs.
	await sql`update app.clock set shift = shift +
		(date_trunc('day', app.now() at time zone 'UTC') + interval '1 day 2 hours 30 minutes' - (app.now() at time zone 'UTC'))`;
	return {
		product,
		sink,
		sql,
		passTime: async (words) => {
			await sql`update app.clock set shift = shift + ${words}::interval`;
		},
		count: async (query) => Number((await query)[0]?.n ?? 0),
		stop: async () => {
			await sql.end();
			await product.stop();
			await sink.stop();
			await rm(data, { recursive: true, force: true });
		}
	};
}

const person = {
	'user-agent':
		'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36'
};

/** The text of a quoted-printable mail as a mail program shows it. */
const htmlOf = async (sink: SmtpSink, mail: SunkMail) => String((await sink.parse(mail)).html);

/** Follows the first tracked link of a mail, as a person does; answers where it led. */
export async function followLink(sink: SmtpSink, mail: SunkMail): Promise<string | null> {
	const link = /href="([^"]*\/t\/c\/[^"]+)"/.exec(await htmlOf(sink, mail))?.[1];
	if (!link) throw new Error('The mail has no tracked link.');
	const response = await fetch(link, { headers: person, redirect: 'manual' });
	return response.headers.get('location');
}

/** Shows the pictures of a mail. */
export async function showPictures(sink: SmtpSink, mail: SunkMail): Promise<number> {
	const pixel = /src="([^"]*\/t\/o\/[^"]+)"/.exec(await htmlOf(sink, mail))?.[1];
	if (!pixel) throw new Error('The mail has no open pixel.');
	return (await fetch(pixel, { headers: person })).status;
}

/** Answers a mail over real SMTP to the product's listener. */
export async function answerMail(world: World, mail: SunkMail, text: string): Promise<void> {
	const parsed = await world.sink.parse(mail);
	const to = (parsed.replyTo ?? parsed.from)?.value[0]?.address ?? '';
	const transport = createTransport({ host: '127.0.0.1', port: world.product.inboundPort, ignoreTLS: true });
	try {
		await transport.sendMail({
			from: mail.to[0] ?? '',
			to,
			subject: `Re: ${parsed.subject ?? ''}`,
			inReplyTo: mail.messageId,
			references: mail.messageId,
			text
		});
	} finally {
		transport.close();
	}
}

/** Waits for a number in the database to become what it must be; says what it is when it does not. */
export async function until(
	what: string,
	read: () => Promise<number>,
	wanted: number,
	withinMs = 90_000
): Promise<void> {
	const deadline = Date.now() + withinMs;
	let seen = await read();
	while (seen !== wanted) {
		if (Date.now() > deadline) throw new Error(`${what}: ${seen} instead of ${wanted}.`);
		await new Promise((done) => setTimeout(done, 250));
		seen = await read();
	}
}
