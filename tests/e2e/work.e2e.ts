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
