import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { readBody } from '../../inbox/readBody.ts';
import { chatPage } from './standInPage.ts';
import { standInTemplates } from './standInTemplates.ts';

export type StandInOptions = {
	host?: string;
	port: number;
	/** Where its webhooks go, `<origin>/hooks/whatsapp`; null sends none. */
	callbackUrl: string | null;
	token: string;
	appSecret: string;
	phoneNumberId: string;
	businessAccountId: string;
	/** Statuses it reports after each send, in order. */
	reports?: readonly ('sent' | 'delivered' | 'read')[];
	reportDelayMs?: number;
};
export type SentMessage = {
	wamid: string;
	to: string;
	at: number;
	/** Our own id, as the sender gave it. */
	callbackData: string | null;
	template: string;
	text: string;
	buttons: string[];
	replies: string[];
};
/** What the next sends meet (E18). */
type StandInFault =
	| { kind: 'none' }
	/** Accepts, then cuts the line in the middle of the answer. */
	| { kind: 'cutAfterAccept' }
	/** Accepts and says nothing. */
	| { kind: 'silence' }
	| { kind: 'error'; status: number; code: number; message: string };

const sendSchema = z.object({
	messaging_product: z.literal('whatsapp'),
	to: z.string().regex(/^\+\d{5,20}$/),
	type: z.literal('template'),
	template: z.object({
		name: z.string(),
		language: z.object({ code: z.string() }),
		components: z
			.array(
				z.object({
					type: z.string(),
					parameters: z.array(z.object({ text: z.string().optional() })).default([])
				})
			)
			.default([])
	}),
	biz_opaque_callback_data: z.string().optional()
});

export type StandIn = {
	url: string;
	port: number;
	messages: SentMessage[];
	setFault: (fault: StandInFault) => void;
	/** A status webhook, signed. */
	report: (message: SentMessage, status: string, extra?: object) => Promise<number>;
	/** The person answers: with words, or with a button. */
	reply: (message: SentMessage, answer: { text?: string; button?: string }) => Promise<number>;
	/** Any change object of the API's webhooks. */
	send: (field: string, value: object) => Promise<number>;
	stop: () => Promise<void>;
};

/**
 * CHA-3: a server on this machine that speaks the Cloud API: templates, sends, signed webhooks, and a page on which the
 * person on the other side can be played. For tests and the demo; it reaches nobody.
 */
export async function startWhatsappStandIn(options: StandInOptions): Promise<StandIn> {
	const messages: SentMessage[] = [];
	let fault: StandInFault = { kind: 'none' };
	const timers = new Set<NodeJS.Timeout>();

	const send = (field: string, value: object) => postWebhook(options, field, value);
	const report: StandIn['report'] = (message, status, extra = {}) =>
		send('messages', {
			...envelope(options),
			statuses: [
				{
					id: message.wamid,
					status,
					timestamp: String(Math.floor(Date.now() / 1000)),
					recipient_id: message.to.slice(1),
					...(message.callbackData ? { biz_opaque_callback_data: message.callbackData } : {}),
					...extra
				}
			]
		});
	const reply: StandIn['reply'] = (message, { text, button }) => {
		message.replies.push(button ?? text ?? '');
		return send('messages', {
			...envelope(options),
			contacts: [{ profile: { name: 'Stand-in' }, wa_id: message.to.slice(1) }],
			messages: [
				{
					from: message.to.slice(1),
					id: `wamid.${randomBytes(12).toString('hex')}`,
					timestamp: String(Math.floor(Date.now() / 1000)),
					context: { from: options.phoneNumberId, id: message.wamid },
					...(button
						? { type: 'button', button: { payload: button, text: button } }
						: { type: 'text', text: { body: text ?? '' } })
				}
			]
		});
	};
	const reportLater = (message: SentMessage) => {
		const delay = options.reportDelayMs ?? 400;
		(options.reports ?? ['sent', 'delivered']).forEach((status, i) => {
			const timer = setTimeout(
				() => {
					timers.delete(timer);
					void report(message, status).catch(() => undefined);
				},
				delay * (i + 1)
			);
			timers.add(timer);
		});
	};

	const server = createServer((req, res) => {
		handle(req, res).catch(() => res.destroy());
	});
	async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
		const url = new URL(req.url ?? '/', 'http://localhost');
		const body =
			req.method === 'POST' ? ((await readBody(req, 1_000_000)) ?? Buffer.alloc(0)) : Buffer.alloc(0);
		if (url.pathname === '/' && req.method === 'GET') return html(res, chatPage(messages));
		if (url.pathname === '/answer' && req.method === 'POST')
			return answerForm(res, new URLSearchParams(body.toString()));
		if (req.headers.authorization !== `Bearer ${options.token}`)
			return json(res, 401, apiError(190, 'Invalid OAuth access token.'));
		if (/^\/v[\d.]+\/\d+\/message_templates$/.test(url.pathname))
			return json(res, 200, { data: standInTemplates });
		if (req.method !== 'POST' || !/^\/v[\d.]+\/\d+\/messages$/.test(url.pathname))
			return json(res, 404, apiError(100, 'Unknown path.'));
		return takeMessage(res, body);
	}
	function takeMessage(res: ServerResponse, body: Buffer): void {
		const current = fault;
		if (current.kind === 'error') return json(res, current.status, apiError(current.code, current.message));
		const parsed = sendSchema.safeParse(parse(body));
		if (!parsed.success) return json(res, 400, apiError(131008, 'Required parameter is missing.'));
		const problem = templateProblem(parsed.data);
		if (problem) return json(res, 400, problem);
		const message = sentMessage(parsed.data);
		messages.push(message);
		if (current.kind !== 'none') {
			if (current.kind === 'cutAfterAccept')
				res.writeHead(200, { 'content-length': '500' }).write('{"messages":[');
			if (current.kind === 'cutAfterAccept') setTimeout(() => res.destroy(), 20);
			return;
		}
		json(res, 200, {
			messaging_product: 'whatsapp',
			contacts: [{ input: message.to, wa_id: message.to.slice(1) }],
			messages: [{ id: message.wamid, message_status: 'accepted' }]
		});
		if (options.callbackUrl) reportLater(message);
	}
	async function answerForm(res: ServerResponse, form: URLSearchParams): Promise<void> {
		const message = messages.find((one) => one.wamid === form.get('wamid'));
		const button = form.get('button');
		const text = form.get('text')?.trim();
		if (message && form.get('read')) await report(message, 'read');
		else if (message && (button || text)) await reply(message, button ? { button } : { text: text ?? '' });
		res.writeHead(303, { location: '/' }).end();
	}

	await new Promise<void>((done, fail) => {
		server.once('error', fail);
		server.listen(options.port, options.host ?? '127.0.0.1', () => done());
	});
	const address = server.address();
	const port = typeof address === 'object' && address ? address.port : options.port;
	return {
		url: `http://127.0.0.1:${port}`,
		port,
		messages,
		setFault: (next) => (fault = next),
		report,
		reply,
		send,
		stop: async () => {
			for (const timer of timers) clearTimeout(timer);
			server.closeAllConnections();
			await new Promise<void>((done) => server.close(() => done()));
		}
	};
}

type SendBody = z.infer<typeof sendSchema>;
const templateOf = ({ template }: SendBody) =>
	standInTemplates.find((one) => one.name === template.name && one.language === template.language.code);
const bodyOf = (template: (typeof standInTemplates)[number]): string =>
	template.components.flatMap((component) => ('text' in component ? [component.text] : [])).join('\n');
const parametersOf = (send: SendBody) =>
	send.template.components
		.find((component) => component.type === 'body')
		?.parameters.map((one) => one.text ?? '') ?? [];

function templateProblem(send: SendBody): object | null {
	const template = templateOf(send);
	if (!template) return apiError(132001, 'Template name does not exist in the translation.');
	if (template.status !== 'APPROVED') return apiError(132015, 'Template is paused.');
	const wanted = new Set(bodyOf(template).match(/\{\{\d+\}\}/g)).size;
	return parametersOf(send).length === wanted
		? null
		: apiError(132000, 'Number of parameters does not match.');
}

function sentMessage(send: SendBody): SentMessage {
	const template = templateOf(send)!;
	const parameters = parametersOf(send);
	return {
		wamid: `wamid.${randomBytes(16).toString('hex')}`,
		to: send.to,
		at: Date.now(),
		callbackData: send.biz_opaque_callback_data ?? null,
		template: template.name,
		text: bodyOf(template).replace(/\{\{(\d+)\}\}/g, (_, n: string) => parameters[Number(n) - 1] ?? ''),
		buttons: template.components.flatMap((component) =>
			'buttons' in component ? component.buttons.map((one) => one.text) : []
		),
		replies: []
	};
}

const envelope = (options: StandInOptions) => ({
	messaging_product: 'whatsapp',
	metadata: { display_phone_number: '15550000000', phone_number_id: options.phoneNumberId }
});
const apiError = (code: number, message: string) => ({
	error: { message, type: 'OAuthException', code, fbtrace_id: 'stand-in' }
});

/** Signed over the escaped-unicode bytes, as the real one does. Answers with the status of the receiver; 0 = nobody there. */
async function postWebhook(options: StandInOptions, field: string, value: object): Promise<number> {
	if (!options.callbackUrl) return 0;
	const body = JSON.stringify({
		object: 'whatsapp_business_account',
		entry: [{ id: options.businessAccountId, changes: [{ field, value }] }]
	}).replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
	const signature = createHmac('sha256', options.appSecret).update(body).digest('hex');
	const response = await fetch(options.callbackUrl, {
		method: 'POST',
		headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
		body
	}).catch(() => null);
	return response?.status ?? 0;
}

function parse(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString('utf8'));
	} catch {
		return null;
	}
}

function json(res: ServerResponse, status: number, body: object): void {
	res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function html(res: ServerResponse, body: string): void {
	res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(body);
}
