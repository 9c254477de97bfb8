import { expect, test, type Browser, type Page } from '@playwright/test';
import { signIn, type Profile } from './support/test.ts';
import { addAfter, card, choose, field, firstStep, joinAfter, nameIt, saved } from './story/draw.ts';
import { countLog, figuresOf } from './story/report.ts';
import { leadsFile, unemployedLeads, type Lead } from './story/leadsFile.ts';
import { answerMail, followLink, showPictures, startWorld, until, type World } from './story/world.ts';

/**
 * The main job, end to end, on real input: a CSV file becomes leads, a view, a cadence that two people draw, mails over
 * SMTP, calls, tasks and WhatsApp messages, answers, and a report. What must come out is computed from the file alone.
 */
test.describe.configure({ mode: 'serial' });

const { total, leads } = unemployedLeads();
const mailed = leads.filter((lead) => lead.fate === 'mailed');
const skipped = leads.filter((lead) => lead.fate === 'skipped');
const withPhone = mailed.filter((lead) => lead.hasPhone && !lead.doNotCall);
const clickers = [...withPhone.slice(0, 40), ...mailed.filter((lead) => !lead.phone).slice(0, 8)];
const openers = withPhone.slice(40, 70);
const repliers = withPhone.slice(70, 95);
const active = new Set([...clickers, ...openers, ...repliers]);
/** Nobody saw them open anything, or nothing was sent: they are called after three days. */
const silent = [...mailed, ...skipped].filter((lead) => !active.has(lead));
const called = silent.filter((lead) => lead.hasPhone && !lead.doNotCall);
const chatting = 10;
/** What the first calls come to. */
const results = ['Interested', 'No response', 'Invalid number', 'No response', 'Interested', 'Busy'];
const times = (result: string) => results.filter((one) => one === result).length;

let world: World;
let cadenceId = '';

test.beforeAll(async () => {
	test.setTimeout(300_000);
	world = await startWorld();
});
test.afterAll(() => world?.stop());

async function pageAs(browser: Browser, profile: Profile): Promise<Page> {
	const { origin } = world.product;
	const context = await browser.newContext({ baseURL: origin });
	await signIn(context, origin, profile);
	return context.newPage();
}

const enrolledAs = (status: string, reason?: string) => () =>
	world.count(world.sql`select count(*) as n from enrollments where cadence_id = ${cadenceId} and status = ${status}
		and (${reason ?? null}::text is null or end_reason = ${reason ?? null})`);
const secondTries = () =>
	world.count(world.sql`select count(*) as n from events e
		join cadence_versions v on v.id = e.version_id and v.plan->'nodes'->e.action_id->>'title' = 'Second try'
		where e.cadence_id = ${cadenceId} and e.kind in ('executed', 'skipped')`);
/** The demo's own cadences go on sending, to other people. */
const ourMails = () => world.sink.mails.filter((mail) => mail.to[0]?.endsWith('@leads.example'));
const mailTo = (lead: Lead, n = 0) => {
	const mail = world.sink.mails.filter((one) => one.to[0] === lead.email)[n];
	if (!mail) throw new Error(`No mail number ${n + 1} to ${lead.email}.`);
	return mail;
};

test('CRM-4: the leads file is imported with fields of its own', async ({ browser }) => {
	test.setTimeout(180_000);
	const page = await pageAs(browser, 'Administrator');
	await page.goto('/leads/import');
	await page.getByLabel('CSV file', { exact: true }).last().setInputFiles(leadsFile);
	await page.getByRole('button', { name: /^Make fields for/ }).click();
	await page.getByRole('button', { name: /^Import/ }).click();
	await expect(page.getByText(`${total.toLocaleString('en-US')}`).first()).toBeVisible();
	await until('Imported leads', () => world.count(world.sql`select created as n from imports`), total);
	expect(await world.count(world.sql`select failed as n from imports`)).toBe(0);
	await page.context().close();
});

test('CRM-6: a view of the unemployed counts what the file says', async ({ browser }) => {
	const page = await pageAs(browser, 'Administrator');
	await page.goto('/leads/views/new');
	await field(page, 'Name').fill('Unemployed');
	await page.getByRole('button', { name: 'Add condition' }).click();
	await field(page, 'Field').click();
	await field(page, 'Field').fill('current occupation');
	await page
		.getByRole('option', { name: /current occupation/ })
		.first()
		.click();
	await field(page, 'Value').click();
	await page.getByRole('option', { name: 'Unemployed' }).click();
	await expect(page.getByText(`${leads.length.toLocaleString('en-US')}`).first()).toBeVisible();
	await page.getByRole('button', { name: 'Save view' }).click();
	await expect(page).toHaveURL(/\/leads\?view=/);
	await page.context().close();
});

test('COL-1: two people draw seven actions over four follow-ups', async ({ browser }) => {
	test.setTimeout(180_000);
	const ada = await pageAs(browser, 'Administrator');
	const marcus = await pageAs(browser, 'Manager');
	await ada.goto('/cadences/new');
	await field(ada, 'Name').fill('Back to work');
	await ada.getByRole('radio', { name: /By a view/ }).check();
	await choose(ada, 'View of Leads', 'Unemployed');
	await ada.getByRole('button', { name: 'Create and draw' }).click();
	await ada.waitForURL(/\/cadences\/[0-9a-f-]+\/edit$/);
	cadenceId = /cadences\/([0-9a-f-]+)\//.exec(ada.url())?.[1] ?? '';
	await marcus.goto(ada.url());
	await saved(ada);
	await saved(marcus);

	await firstStep(ada, 'E-mail');
	await nameIt(ada, 'Welcome');
	await choose(ada, 'Template', /Welcome to Northwind/);
	await expect(card(marcus, 'Welcome')).toBeVisible();
	await addAfter(marcus, 'Welcome', 'Clicked', 'WhatsApp');
	await nameIt(marcus, 'Chat');
	await choose(marcus, 'Approved template', /short_reminder/);
	await choose(marcus, 'Variable 1', /First Name/);
	await addAfter(ada, 'Welcome', 'Replied', 'Exit');
	await field(ada, 'Reason').fill('Answered');
	await ada.getByLabel('This is the goal').click();
	await addAfter(marcus, 'Welcome', 'Opened', 'Task');
	await field(marcus, 'Subject').fill('Look them up');
	await addAfter(ada, 'Welcome', 'Not opened', 'Call');
	await field(ada, 'Subject').fill('Say hello');
	await addAfter(ada, 'Say hello', 'Interested', 'Task');
	await field(ada, 'Subject').fill('Send an offer');
	await addAfter(ada, 'Say hello', 'No response', 'E-mail');
	await nameIt(ada, 'Second try');
	await choose(ada, 'Template', /Still interested/);
	await addAfter(ada, 'Second try', 'Not replied', 'Call');
	await field(ada, 'Subject').fill('Last call');
	await addAfter(marcus, 'Chat', 'Replied', 'Exit');
	await field(marcus, 'Reason').fill('Talks to us');
	await expect(card(marcus, 'Second try')).toBeVisible();
	await joinAfter(marcus, 'Chat', 'Not replied', 'Second try');

	await ada.locator('.svelte-flow__pane').click({ position: { x: 500, y: 20 } });
	await ada.getByRole('button', { name: 'Add a response rule' }).click();
	await choose(ada, 'Channel', 'Call');
	await ada.getByLabel('Responses', { exact: true }).last().click();
	await ada.getByRole('option', { name: 'Invalid number' }).click();
	await ada.keyboard.press('Escape');
	await saved(ada);
	await saved(marcus);
	await expect(card(ada, 'Last call')).toBeVisible();
	await ada.context().close();
	await marcus.context().close();
});

test('VER-5: publishing enrolls the view; mailed, skipped and failed are what the file says', async ({
	browser
}) => {
	test.setTimeout(300_000);
	await world.sql`update organizations set emails_per_day = 20000`;
	const ada = await pageAs(browser, 'Administrator');
	await ada.goto(`/cadences/${cadenceId}/edit`);
	await saved(ada);
	await ada.getByRole('button', { name: 'Publish', exact: true }).click();
	const dialog = ada.getByRole('dialog');
	await expect(dialog.getByText(/Enroll them/)).toBeVisible();
	await dialog.getByRole('button', { name: /publish/i }).click();
	await expect(ada.getByText('Version 1 is live.')).toBeVisible();

	const enrolled = () =>
		world.count(world.sql`select count(*) as n from enrollments where cadence_id = ${cadenceId}`);
	await until('Enrolled', enrolled, leads.length);
	await until(
		'Mailed',
		() =>
			world.count(
				world.sql`select count(*) as n from messages where cadence_id = ${cadenceId} and status = 'sent'`
			),
		mailed.length,
		180_000
	);
	await until(
		'Failed for a blank address',
		enrolledAs('failed', 'missing_address'),
		leads.filter((l) => l.fate === 'blank').length
	);
	await until(
		'Failed for a malformed one',
		enrolledAs('failed', 'invalid_address'),
		leads.filter((l) => l.fate === 'malformed').length
	);
	expect(
		await world.count(
			world.sql`select count(*) as n from events where cadence_id = ${cadenceId} and kind = 'skipped'`
		)
	).toBe(skipped.length);
	// At the relay: exactly these people, each once.
	expect(
		ourMails()
			.map((mail) => mail.to.join())
			.toSorted()
	).toEqual(mailed.map((lead) => lead.email).toSorted());
	await ada.context().close();
});

test('GRA-7: clicks, opens and answers move exactly those records', async () => {
	test.setTimeout(300_000);
	await world.passTime('2 hours');
	for (const lead of clickers)
		expect(await followLink(world.sink, mailTo(lead))).toMatch(/^https:\/\/northwind\.example\//);
	for (const lead of openers) expect(await showPictures(world.sink, mailTo(lead))).toBe(200);
	for (const lead of repliers) await answerMail(world, mailTo(lead), 'Yes, please call me.');
	await until('Exited by answering', enrolledAs('completed', 'exit_goal'), repliers.length);

	await world.passTime('1 day');
	const chats = () =>
		world.count(
			world.sql`select count(*) as n from messages where cadence_id = ${cadenceId} and channel = 'whatsapp' and status = 'sent'`
		);
	await until('WhatsApp messages', chats, clickers.filter((lead) => lead.hasPhone).length);
	const tasks = () =>
		world.count(world.sql`select count(*) as n from activities a join enrollments e on e.id = a.enrollment_id
		where e.cadence_id = ${cadenceId} and a.kind = 'task'`);
	await until('Tasks for those who opened', tasks, openers.length);
	const opened = await world.sql<
		{ email: string }[]
	>`select r.data->>'email' as email from activities a join enrollments e on e.id = a.enrollment_id
		join records r on r.id = a.record_id where e.cadence_id = ${cadenceId} and a.kind = 'task'`;
	expect(opened.map((row) => row.email).toSorted()).toEqual(openers.map((lead) => lead.email).toSorted());

	// Ten of them answer in the chat.
	const sent = await world.sql<{ provider: string }[]>`select provider_id as provider from messages
		where cadence_id = ${cadenceId} and channel = 'whatsapp' order by id limit ${chatting}`;
	for (const { provider } of sent) {
		const response = await fetch(`${world.product.whatsappPage}/answer`, {
			method: 'POST',
			body: new URLSearchParams({ wamid: provider, text: 'Tell me more' }),
			redirect: 'manual'
		});
		expect(response.status).toBeLessThan(400);
	}
	await until('Left by chatting', enrolledAs('stopped', 'exit'), chatting);
});

test('EXE-5: who must not be mailed is called like everybody who stayed silent', async () => {
	test.setTimeout(300_000);
	await world.passTime('2 days');
	const calls = () =>
		world.count(world.sql`select count(*) as n from activities a join enrollments e on e.id = a.enrollment_id
		where e.cadence_id = ${cadenceId} and a.kind = 'call'`);
	await until('Calls', calls, called.length, 180_000);
	const optedOut = () =>
		world.count(world.sql`select count(*) as n from activities a join enrollments e on e.id = a.enrollment_id
		join records r on r.id = a.record_id where e.cadence_id = ${cadenceId} and a.kind = 'call' and r.email_opt_out`);
	expect(await optedOut()).toBe(skipped.filter((lead) => lead.hasPhone && !lead.doNotCall).length);
});

const actionsNamed = (subject: string) => () =>
	world.count(world.sql`select count(*) as n from activities a join enrollments e on e.id = a.enrollment_id
		where e.cadence_id = ${cadenceId} and a.subject = ${subject}`);

test('UNE-1: call results move records, and an invalid number un-enrolls', async ({ browser }) => {
	test.setTimeout(120_000);
	await world.passTime('12 hours');
	const page = await pageAs(browser, 'Administrator');
	for (const result of results) {
		await page.goto('/work?kind=call');
		const before = await world.count(
			world.sql`select count(*) as n from activities where result is not null`
		);
		await page
			.getByRole('listitem')
			.filter({ hasText: 'Say hello' })
			.first()
			.getByRole('button', { name: 'Log call' })
			.click();
		const dialog = page.getByRole('dialog');
		await dialog.getByRole('combobox', { name: /^Result/ }).click();
		await page.getByRole('option', { name: result, exact: true }).click();
		await dialog.getByRole('button', { name: 'Log call' }).click();
		await expect(dialog).toHaveCount(0);
		await until(
			'Logged calls',
			() => world.count(world.sql`select count(*) as n from activities where result is not null`),
			before + 1
		);
	}
	await until(
		'Un-enrolled by an invalid number',
		enrolledAs('stopped', 'response_rule'),
		times('Invalid number')
	);
	await until('Offers to send', actionsNamed('Send an offer'), times('Interested'));
	await until('Second tries', secondTries, times('No response'));
	// UNE-4: nothing of an un-enrolled run is left open.
	expect(
		await world.count(world.sql`select count(*) as n from activities a join enrollments e on e.id = a.enrollment_id
			where e.cadence_id = ${cadenceId} and e.status = 'stopped' and a.completed_at is null and a.cancelled_at is null`)
	).toBe(0);
	await page.context().close();
});

test('GRA-11: silence in the chat leads to a second mail, and silence after that to a last call', async () => {
	test.setTimeout(240_000);
	const silentChats = clickers.filter((lead) => lead.hasPhone).length - chatting;
	await world.passTime('14 hours');
	await until('Second tries', secondTries, times('No response') + silentChats);
	await world.passTime('3 days 2 hours');
	await until('Last calls', actionsNamed('Last call'), times('No response') + silentChats);
	// EXE-3: the last action has no branches, so creating it completes the run.
	await until(
		'Completed',
		enrolledAs('completed', 'completed'),
		openers.length + times('Interested') + times('No response') + silentChats
	);
	// Nobody got a mail twice: the first to each of the mailed, the second to some of them.
	const ids = ourMails().map((mail) => mail.messageId);
	expect(new Set(ids).size).toBe(ids.length);
});

test('REP-3: every number of the report equals a count over the log', async ({ browser }) => {
	test.setTimeout(120_000);
	const page = await pageAs(browser, 'Analyst');
	const csv = await (await page.request.get(`/cadences/${cadenceId}/report/figures.csv`)).text();
	const figures = figuresOf(csv);
	const counted = await countLog(world.sql, cadenceId);
	expect(Object.keys(counted).length).toBeGreaterThan(20);
	for (const [key, n] of Object.entries(counted)) expect({ [key]: figures.get(key) }).toEqual({ [key]: n });
	await page.goto(`/cadences/${cadenceId}/report`);
	await expect(page.getByText(`${leads.length.toLocaleString('en-US')} enrolled`).first()).toBeVisible();
	await page.context().close();
});
