import postgres from 'postgres';
import { demoSignIns } from '../../src/lib/server/demo/signIns.ts';
import { expect, test } from './support/test.ts';

const rep = demoSignIns.find(({ profile }) => profile === 'Rep')!;

/** An open activity of the rep on a lead; `due` is an SQL interval from now. Nothing else rings meanwhile. */
async function giveWork(login: string, kind: 'call' | 'task', subject: string, due: string) {
	const sql = postgres(login, { max: 1 });
	try {
		await sql`update activities set reminded_at = app.now() - interval '1 hour' where reminded_at is null
			and owner_id = (select id from users where email = ${rep.email})`;
		const [made] = await sql<{ id: string; name: string }[]>`
			insert into activities (org_id, id, kind, record_id, owner_id, subject, status, phone, due_at)
			select u.org_id, app.new_id(), ${kind}, r.id, u.id, ${subject}, ${kind === 'call' ? 'Scheduled' : 'Not started'},
				'+15550100', app.now() + ${due}::interval
			from users u join records r on r.org_id = u.org_id and r.owner_id = u.id and r.deleted_at is null
			join modules m on m.org_id = r.org_id and m.id = r.module_id and m.key = 'leads'
			where u.email = ${rep.email} order by r.id limit 1
			returning id, (select name from records where id = record_id) as name`;
		return made!;
	} finally {
		await sql.end();
	}
}

async function activity(login: string, id: string) {
	const sql = postgres(login, { max: 1 });
	const [row] = await sql<{ status: string; result: string | null; snoozed: number }[]>`
		select status, result, extract(epoch from snoozed_until - app.now())::int as snoozed from activities where id = ${id}`;
	await sql.end();
	return row!;
}

test('CRM-9: a due call pops up on the page its owner is on, comes back after a snooze, and is logged there', async ({
	pageAs,
	product
}) => {
	const { owner } = product.logins;
	const page = await pageAs('Rep');
	await page.goto('/leads');
	const popUp = page.getByRole('alertdialog', { name: 'Call due' });
	await expect(popUp).toBeHidden();
	const call = await giveWork(owner, 'call', 'Ring about the offer', '3 seconds');
	await expect(popUp).toContainText('Ring about the offer');
	await expect(popUp.getByRole('link', { name: call.name })).toBeVisible();

	await popUp.getByRole('button', { name: 'In 10 minutes' }).click();
	await expect(popUp).toBeHidden();
	expect((await activity(owner, call.id)).snoozed).toBeGreaterThan(580);

	const sql = postgres(owner, { max: 1 });
	await sql`update activities set snoozed_until = app.now() + interval '1 second' where id = ${call.id}`;
	await sql.end();
	await expect(popUp).toContainText('Ring about the offer');
	await popUp.getByRole('button', { name: 'Log call' }).click();
	const dialog = page.getByRole('dialog', { name: 'Log call' });
	await dialog.getByLabel('Result').click();
	await page.getByRole('option', { name: 'Requested call back' }).click();
	await dialog.getByRole('button', { name: 'Log call' }).click();
	await expect(popUp).toBeHidden();
	expect(await activity(owner, call.id)).toMatchObject({
		status: 'Completed',
		result: 'Requested call back'
	});
});

test('CRM-9: the work queue logs a call and completes a task by keyboard alone', async ({
	pageAs,
	product
}) => {
	const { owner } = product.logins;
	const call = await giveWork(owner, 'call', 'First in the queue', '-200 days');
	const task = await giveWork(owner, 'task', 'Second in the queue', '-199 days');
	const page = await pageAs('Rep');
	await page.goto('/work');
	await expect(page.getByText('First in the queue')).toBeVisible();
	const dialog = page.getByRole('dialog', { name: 'Log call' });
	// Keys are heard once the page's scripts run.
	await expect(async () => {
		await page.keyboard.press('c');
		await expect(dialog).toBeVisible({ timeout: 500 });
	}).toPass();
	await expect(dialog.getByLabel('Result')).toBeFocused();
	await page.keyboard.press('Enter');
	await page.keyboard.type('Busy');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await expect(page.getByText('First in the queue')).toBeHidden();
	expect(await activity(owner, call.id)).toMatchObject({ status: 'Completed', result: 'Busy' });

	await page.keyboard.press('c');
	await expect(page.getByText(/completed\.$/)).toBeVisible();
	await expect(page.getByText('· Second in the queue')).toBeHidden();
	await expect.poll(async () => (await activity(owner, task.id)).status).toBe('Completed');
});

test('CRM-9: work is moved, set aside by its status and deleted from the queue, and a completed task can be taken back', async ({
	pageAs,
	product
}) => {
	const { owner } = product.logins;
	const stamp = Date.now();
	const moved = await giveWork(owner, 'call', `Move ${stamp}`, '-300 days');
	const kept = await giveWork(owner, 'task', `Keep ${stamp}`, '-299 days');
	const page = await pageAs('Rep');
	await page.goto('/work');
	await expect(page.getByText(`Move ${stamp}`)).toBeVisible();
	const dialog = page.getByRole('dialog', { name: 'Reschedule' });
	// Keys are heard once the page's scripts run.
	await expect(async () => {
		await page.keyboard.press('r');
		await expect(dialog).toBeVisible({ timeout: 500 });
	}).toPass();
	await dialog.getByRole('button', { name: 'Tomorrow at 9:00' }).click();
	await expect(page.locator('[data-work]').filter({ hasText: `Move ${stamp}` })).toHaveCount(0);
	await page.getByRole('link', { name: 'Upcoming' }).click();
	await expect(page.locator('[data-work]').filter({ hasText: `Move ${stamp}` })).toBeVisible();
	await page.getByRole('link', { name: 'Due', exact: true }).click();

	await page.getByRole('button', { name: `More for Keep ${stamp}` }).click();
	await page.getByRole('menuitem', { name: 'Status' }).press('ArrowRight');
	await page.getByRole('menuitem', { name: 'Waiting' }).click();
	await expect.poll(async () => (await activity(owner, kept.id)).status).toBe('Waiting');
	const row = page.locator('[data-work]').filter({ hasText: `Keep ${stamp}` });
	await expect(row).toContainText('Waiting');
	await row.getByRole('button', { name: 'Complete' }).click();
	await expect(row).toHaveCount(0);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(row).toContainText('Waiting');
	expect(await activity(owner, kept.id)).toMatchObject({ status: 'Waiting' });

	await row.getByRole('button', { name: /^More for/ }).click();
	await page.getByRole('menuitem', { name: 'Delete' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await expect(row).toHaveCount(0);

	await page.goto('/work?show=upcoming');
	await expect(async () => {
		await page.getByRole('button', { name: `More for Move ${stamp}` }).click({ timeout: 1000 });
		await page.getByRole('menuitem', { name: 'Cancel call' }).click({ timeout: 1000 });
	}).toPass();
	await page.getByRole('dialog').getByRole('button', { name: 'Cancel call' }).click();
	await expect.poll(async () => (await activity(owner, moved.id)).status).toBe('Cancelled');
});

test('CRM-9: the calendar is walked by arrow keys, opens a week, and acts on what stands in it', async ({
	pageAs,
	product
}) => {
	const { owner } = product.logins;
	const subject = `Calendar ${Date.now()}`;
	const call = await giveWork(owner, 'call', subject, '-1 day');
	const page = await pageAs('Rep');
	await page.goto('/work/calendar?day=2031-05-15');
	const grid = page.getByRole('grid', { name: 'Calendar' });
	await expect(page.getByRole('heading', { name: 'May 2031' })).toBeVisible();
	const cell = (name: string) => grid.getByRole('gridcell', { name: new RegExp(`^${name}`) });
	await expect(async () => {
		await cell('Thursday, May 15').focus();
		await page.keyboard.press('ArrowDown');
		await expect(cell('Thursday, May 22')).toBeFocused({ timeout: 500 });
	}).toPass();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	await expect(cell('Thursday, June 5')).toBeFocused();
	await expect(page.getByRole('heading', { name: /^(May|June) 2031$/ })).toBeVisible();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: 'Jun 2 – Jun 8, 2031' })).toBeVisible();

	await page.goto('/work/calendar?span=month');
	const sql = postgres(owner, { max: 1 });
	const [on] = await sql<{ day: string }[]>`
		select to_char(a.due_at at time zone u.time_zone, 'YYYY-MM-DD') as day from activities a
		join users u on u.org_id = a.org_id and u.id = a.owner_id where a.id = ${call.id}`;
	await sql.end();
	await page.goto(`/work/calendar?span=week&day=${on!.day}`);
	const chip = grid.getByRole('button').filter({ hasText: subject });
	const logCall = page.getByRole('menuitem', { name: 'Log call' });
	await expect(async () => {
		if (!(await logCall.isVisible())) await chip.click({ timeout: 1000 });
		await expect(logCall).toBeVisible({ timeout: 1000 });
	}).toPass();
	await logCall.click();
	const dialog = page.getByRole('dialog', { name: 'Log call' });
	await dialog.getByLabel('Result').click();
	await page.getByRole('option', { name: 'Interested', exact: true }).click();
	await dialog.getByLabel('Note').fill('Wants the long version');
	await dialog.getByRole('button', { name: 'Log call' }).click();
	await expect(chip).toHaveCount(0);
	expect(await activity(owner, call.id)).toMatchObject({ status: 'Completed', result: 'Interested' });
});

test('CRM-9: a call is dragged onto another day of the calendar, keeps its time, and Undo brings it back', async ({
	pageAs,
	product
}) => {
	const { owner } = product.logins;
	const subject = `Dragged ${Date.now()}`;
	const call = await giveWork(owner, 'call', subject, '1 day');
	const sql = postgres(owner, { max: 1 });
	const due = async () => {
		const [row] = await sql<{ day: string; time: string }[]>`
			select to_char(a.due_at at time zone u.time_zone, 'YYYY-MM-DD') as day,
				to_char(a.due_at at time zone u.time_zone, 'HH24:MI') as time
			from activities a join users u on u.org_id = a.org_id and u.id = a.owner_id where a.id = ${call.id}`;
		return row!;
	};
	try {
		const before = await due();
		// Wherever in its week it stands, there is a day beside it.
		const monday = new Date(before.day).getUTCDay() === 1;
		const other = new Date(Date.parse(before.day) + (monday ? 1 : -1) * 86_400_000)
			.toISOString()
			.slice(0, 10);
		const page = await pageAs('Rep');
		await page.goto(`/work/calendar?span=week&day=${before.day}`);
		await expect(page.locator('html')).toHaveAttribute('data-ready', '');
		const chip = page
			.getByRole('grid', { name: 'Calendar' })
			.getByRole('button')
			.filter({ hasText: subject });
		await chip.dragTo(page.locator(`[data-day="${other}"]`));
		await expect.poll(due).toEqual({ ...before, day: other });
		await expect(page.getByRole('menuitem', { name: 'Reschedule' })).toBeHidden();
		await expect(page.locator(`[data-day="${other}"]`).getByText(subject)).toBeVisible();
		await page.getByRole('button', { name: 'Undo' }).click();
		await expect.poll(due).toEqual(before);
		await expect(page.locator(`[data-day="${before.day}"]`).getByText(subject)).toBeVisible();
		await chip.press('Enter');
		await expect(page.getByRole('menuitem', { name: 'Reschedule' })).toBeVisible();
	} finally {
		await sql.end();
	}
});

test('CRM-9: on a phone the calendar is a list of days', async ({ pageAs, product }) => {
	const subject = `Pocket ${Date.now()}`;
	await giveWork(product.logins.owner, 'task', subject, '1 minute');
	const page = await pageAs('Rep');
	await page.setViewportSize({ width: 390, height: 844 });
	await page.goto('/work/calendar');
	await expect(page.getByRole('button').filter({ hasText: subject })).toBeVisible();
	await expect(page.getByRole('grid')).toBeHidden();
	const wide = await page.evaluate(() => document.documentElement.scrollWidth);
	expect(wide).toBeLessThanOrEqual(390);
});

test('CRM-9: a call that becomes due while somebody is on the way to another page does not keep them', async ({
	pageAs,
	product
}) => {
	const page = await pageAs('Rep');
	await page.goto('/work');
	await expect(page.locator('html')).toHaveAttribute('data-ready', '');
	const popUp = page.getByRole('alertdialog', { name: 'Call due' });
	let arrive = () => {};
	const rung = new Promise<void>((done) => (arrive = done));
	await page.route('**/accounts/__data.json*', async (route) => {
		await rung;
		await route.continue();
	});
	const asked = page.waitForRequest('**/accounts/__data.json*');
	await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Accounts' }).click();
	await asked;
	await giveWork(product.logins.owner, 'call', 'Ring on the way', '1 second');
	await expect(popUp).toContainText('Ring on the way');
	arrive();
	await expect(page).toHaveURL(/\/accounts/);
	await expect(page.getByRole('table', { name: /^Accounts/ })).toBeVisible();
});

test('CRM-9: a call is planned from anywhere for a record that is looked for, a task from its page', async ({
	pageAs
}) => {
	const stamp = Date.now();
	const page = await pageAs('Manager');
	await page.goto('/accounts');
	await expect(page.locator('html')).toHaveAttribute('data-ready', '');
	const name = (await page.locator('[data-row-link="0"]').textContent()) ?? '';
	const dialog = page.getByRole('dialog', { name: /^New (call|task)$/ });
	await page.keyboard.press('Control+k');
	await page.keyboard.type('new call');
	await page.keyboard.press('Enter');
	await expect(dialog.getByLabel('For')).toBeFocused();
	await page.keyboard.press('Control+Enter');
	await expect(dialog.getByText('Choose the record it is about.')).toBeVisible();
	await dialog.getByLabel('For').focus();
	await page.keyboard.type(name);
	const option = page.getByRole('option', { name: new RegExp(`^${name}`) }).first();
	await expect(option).toBeVisible();
	await option.click();
	await dialog.getByLabel('Subject').fill(`Call ${stamp}`);
	await page.keyboard.press('Control+Enter');
	await expect(page.getByText(`Call for ${name} planned.`)).toBeVisible();
	await page.goto('/work?show=upcoming');
	const row = page.locator('[data-work]').filter({ hasText: `Call ${stamp}` });
	await expect(row).toContainText(name);

	await row.getByRole('link', { name }).click();
	await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
	await page.keyboard.press('t');
	await expect(dialog.getByLabel('Subject')).toBeFocused();
	await page.keyboard.type(`Task ${stamp}`);
	await page.keyboard.press('Control+Enter');
	await page.getByRole('tab', { name: /^Activities/ }).click();
	await expect(page.getByText(`Task ${stamp}`)).toBeVisible();
	await expect(page.getByText(`Call ${stamp}`)).toBeVisible();
});

test('CRM-9: the sheet of keys tells those of lists, records, work and calendar', async ({ pageAs }) => {
	const page = await pageAs('Rep');
	await page.goto('/work');
	await expect(page.locator('html')).toHaveAttribute('data-ready', '');
	await page.keyboard.press('?');
	const sheet = page.getByRole('dialog', { name: 'Keys' });
	for (const title of ['Everywhere', 'Lists', 'Records', 'Work', 'Calendar'])
		await expect(sheet.getByRole('heading', { name: title, exact: true })).toBeVisible();
});
