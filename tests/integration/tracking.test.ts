import { sql } from 'drizzle-orm';
import { afterAll, beforeAll } from 'vitest';
import { createToken } from '../../src/lib/server/channels/tokens.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import {
	deliver,
	makeChannelWorld,
	queue,
	responsesTo,
	startInbox,
	storedMessage,
	type Inbox
} from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test as base, type TestDatabase } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtpSink.ts';

let sink: SmtpSink;
beforeAll(async () => {
	sink = await startSmtpSink();
});
afterAll(async () => {
	setConfig(undefined);
	await sink.stop();
});
const test = base.extend('inbox', { scope: 'file' }, async ({ db }, { onCleanup }): Promise<Inbox> => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const inbox = await startInbox(db);
	onCleanup(inbox.stop);
	return inbox;
});

const person = {
	'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36'
};
const html =
	'<p><a href="https://site.example/a">A</a> <a href="https://site.example/b">B</a> <a href="{{unsubscribeLink}}">Stop</a></p>';

/** One mail handed over `ago`, and the paths in it. */
async function sentMail(db: TestDatabase, to: string, ago = '1 hour', text = html) {
	const world = await makeChannelWorld(db, planOf([email('first')]), { html: text });
	const [one] = await queue(db, world, 'first', [{ to }]);
	await deliver(db);
	await db.admin.execute(
		sql`update messages set sent_at = sent_at - ${ago}::interval where id = ${one!.messageId}`
	);
	await db.admin.execute(sql`delete from responses where enrollment_id = ${one!.enrollmentId}`);
	const id = one!.messageId;
	return {
		...one!,
		world,
		pixel: `/t/o/${createToken('opens', { messageId: id })}.gif`,
		click: (link: number) => `/t/c/${createToken('links', { messageId: id, link })}`,
		stop: `/u/${createToken('unsubscribe', { messageId: id })}`
	};
}
const get = (inbox: Inbox, path: string, init: RequestInit = {}) =>
	fetch(inbox.origin + path, { redirect: 'manual', headers: person, ...init });

test('EXE-7: opens and clicks of people are recorded once each, and lead to the stored address', async ({
	db,
	inbox
}) => {
	const mail = await sentMail(db, 'reader@people.example');
	for (let i = 0; i < 3; i++) {
		const pixel = await get(inbox, mail.pixel);
		expect(pixel.status).toBe(200);
		expect(pixel.headers.get('content-type')).toBe('image/gif');
		expect(pixel.headers.get('cache-control')).toContain('no-store');
	}
	const click = await get(inbox, mail.click(1));
	expect(click.status).toBe(302);
	expect(click.headers.get('location')).toBe('https://site.example/b');
	await get(inbox, mail.click(1));
	await get(inbox, mail.click(0));
	expect(await responsesTo(db, mail.enrollmentId)).toEqual(['opened', 'clicked/1', 'clicked/0']);
	expect(await storedMessage(db, mail.messageId)).toMatchObject({ opened: true, clicked: true });
});

test('EXE-7: a link with letters beyond ASCII leads where it was written to', async ({ db, inbox }) => {
	const links =
		'<p><a href="https://site.example/straße?q=日本">A</a> <a href="https://例え.jp/a b">B</a></p>';
	const mail = await sentMail(db, 'abroad@people.example', '1 hour', links);
	const led = async (link: number) => (await get(inbox, mail.click(link))).headers.get('location');
	expect(await led(0)).toBe('https://site.example/stra%C3%9Fe?q=%E6%97%A5%E6%9C%AC');
	expect(await led(1)).toBe('https://xn--r8jz45g.jp/a%20b');
	expect(await responsesTo(db, mail.enrollmentId)).toEqual(['clicked/0', 'clicked/1']);
});

test('EXE-7: what proxies, scanners and prefetchers fetch is marked machine or not kept at all', async ({
	db,
	inbox
}) => {
	const mail = await sentMail(db, 'scanned@people.example');
	await get(inbox, mail.pixel, { headers: { 'user-agent': 'Mozilla/5.0' } });
	await get(inbox, mail.click(0), { headers: { 'user-agent': 'Barracuda Sentinel (EE)' } });
	await get(inbox, mail.click(1), { method: 'HEAD' });
	await get(inbox, mail.click(1), { headers: { ...person, 'sec-purpose': 'prefetch;prerender' } });
	expect(await responsesTo(db, mail.enrollmentId)).toEqual(['opened (machine)', 'clicked/0 (machine)']);
	expect(await storedMessage(db, mail.messageId)).toMatchObject({ opened: false, clicked: false });
	await get(inbox, mail.pixel, { headers: { 'user-agent': 'Mozilla/5.0 (via ggpht.com GoogleImageProxy)' } });
	expect(await responsesTo(db, mail.enrollmentId)).toEqual([
		'opened (machine)',
		'clicked/0 (machine)',
		'opened'
	]);
});

test('S14: a scanner that fetches every link within two seconds of the send fires nothing', async ({
	db,
	inbox
}) => {
	const mail = await sentMail(db, 'gateway@people.example', '1 second');
	for (const path of [mail.pixel, mail.click(0), mail.click(1)])
		expect((await get(inbox, path)).status).toBeLessThan(400);
	const found = await responsesTo(db, mail.enrollmentId);
	expect(found).toHaveLength(3);
	expect(found.every((text) => text.endsWith('(machine)'))).toBe(true);
});

test('CHA-2: looking never unsubscribes; the button and the one-click POST do, without redirect, cookie or origin', async ({
	db,
	inbox
}) => {
	const mail = await sentMail(db, 'leaver@people.example');
	const suppressed = async () =>
		(
			await db.admin.execute(sql`select reason, source from suppressions where org_id = ${mail.world.orgId}`)
		).map((row) => ({ ...row }));
	const page = await get(inbox, mail.stop);
	expect(await page.text()).toContain('<button type="submit"');
	await get(inbox, mail.stop, { method: 'HEAD' });
	expect(await suppressed()).toEqual([]);
	for (let i = 0; i < 2; i++) {
		const done = await get(inbox, mail.stop, {
			method: 'POST',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: 'List-Unsubscribe=One-Click'
		});
		expect(done.status).toBe(200);
		expect(await done.text()).toContain('You are unsubscribed');
	}
	expect(await suppressed()).toEqual([{ reason: 'unsubscribed', source: 'one-click' }]);
	expect(await responsesTo(db, mail.enrollmentId)).toEqual(['unsubscribed']);
	const form = new FormData();
	form.set('List-Unsubscribe', 'One-Click');
	expect((await get(inbox, mail.stop, { method: 'POST', headers: {}, body: form })).status).toBe(200);
});

test('S13: changed, foreign and cross-purpose tokens lead nowhere and change nothing', async ({
	db,
	inbox
}) => {
	const mail = await sentMail(db, 'victim@people.example');
	const token = mail.click(0).slice('/t/c/'.length);
	const mutations = Array.from({ length: 120 }, (_, i) => {
		const at = i % token.length;
		const other = token[at] === 'A' ? 'B' : 'A';
		return token.slice(0, at) + other + token.slice(at + 1);
	});
	const wrong = [
		...mutations.map((text) => `/t/c/${text}`),
		`/t/c/${createToken('opens', { messageId: mail.messageId })}`,
		`/t/c/${createToken('unsubscribe', { messageId: mail.messageId })}`,
		mail.click(7),
		'/t/c/',
		`/t/c/${token}?url=https://evil.example`,
		'/t/c/%00',
		`/u/${mail.pixel.slice('/t/o/'.length, -4)}`
	];
	for (const path of wrong) {
		const answer = await get(inbox, path);
		if (path.includes('?url=')) expect(answer.headers.get('location')).toBe('https://site.example/a');
		else expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 404, null]);
	}
	for (const path of [`/u/${token}`, `/u/${mail.pixel.slice('/t/o/'.length, -4)}`])
		expect((await get(inbox, path, { method: 'POST', body: 'x' })).status).toBe(404);
	const [count] = await db.admin.execute(
		sql`select count(*)::int as n from suppressions where org_id = ${mail.world.orgId}`
	);
	expect(count!['n']).toBe(0);
	expect(await responsesTo(db, mail.enrollmentId)).toEqual(['clicked/0']);
});
