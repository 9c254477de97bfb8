import { createTransport } from 'nodemailer';

const html =
	'<p>Hello Lea, <a href="https://a.example/offer">our offer</a> for Company 7 ends soon.</p>'.repeat(4);

/** nodemailer alone, pooled, with as many lines as the product opens, into the same sink. @returns mails per second */
export async function bareMailerPerSecond(url: string, mails: number, lines = 20): Promise<number> {
	const { hostname, port } = new URL(url);
	const transport = createTransport({
		host: hostname,
		port: Number(port),
		secure: false,
		ignoreTLS: true,
		pool: true,
		maxConnections: lines,
		maxMessages: Infinity
	});
	let next = 0;
	const startedAt = performance.now();
	const line = async () => {
		for (let n = next++; n < mails; n = next++)
			await transport.sendMail({
				from: 'Ada <ada@sender.example>',
				to: `bare${n}@reader.example`,
				subject: `Hello ${n}`,
				text: html.replaceAll(/<[^>]*>/g, ''),
				html
			});
	};
	await Promise.all(Array.from({ length: lines * 2 }, line));
	const seconds = (performance.now() - startedAt) / 1000;
	transport.close();
	return mails / seconds;
}
