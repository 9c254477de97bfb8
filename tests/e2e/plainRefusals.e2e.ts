import { expect, test } from './support/test.ts';

const parserWords = /invalid|expected|received|too big|uuid|zod/i;

test('CRM-4, CRM-7: a record is changed under its own module alone, and refusals are sentences', async ({
	pageAs,
	product
}) => {
	const page = await pageAs('Administrator');
	const post = async (path: string, data: unknown) => {
		const answer = await page.request.post(path, { data, headers: { origin: product.origin } });
		return {
			status: answer.status(),
			message: String(((await answer.json()) as { message?: unknown }).message)
		};
	};
	await page.goto('/leads');
	const lead = (await page.locator('[data-row-link="0"]').getAttribute('href'))!.split('/').at(-1)!;
	const modifiedAt = '2026-01-01T00:00:00.000Z';
	const change = { id: lead, field: 'title', value: 'Boss', modifiedAt };
	expect(await post('/contacts/cell', change)).toMatchObject({ status: 404 });
	expect((await page.goto(`/contacts/${lead}`))?.status()).toBe(404);
	// In its own module only the time is wrong.
	expect(await post('/leads/cell', change)).toMatchObject({ status: 409 });

	for (const [path, body] of [
		['/leads/cell', { ...change, id: 'x' }],
		['/leads/cell', { ...change, value: 'x'.repeat(40_000) }],
		['/leads/cell', undefined],
		['/leads/bulk', { action: 'change', selection: { ids: [] }, change: { kind: 'delete' } }],
		['/leads/bulk', { action: 'no', selection: { ids: [lead] } }],
		['/work/new', { kind: 'task', recordId: lead, subject: ' \u200b ' }]
	] as const) {
		const answer = await post(path, body);
		expect(answer.status, path).toBe(422);
		expect(answer.message).not.toMatch(parserWords);
		expect(answer.message).toMatch(/^[A-Z].+\.$/);
	}
});

test('CRM-7: an old or damaged address of a list shows the list and says what it left out', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	const wrongPlace = Buffer.from(
		JSON.stringify({ f: 'createdAt', d: 'desc', v: 'someday', i: '00000000-0000-7000-8000-000000000000' })
	).toString('base64url');
	for (const cursor of ['garbage', '%00', wrongPlace]) {
		expect((await page.goto(`/leads?after=${cursor}&page=7`))?.status()).toBe(200);
		await expect(page.getByText('This is the first page.')).toBeVisible();
		await expect(page.locator('tbody tr')).toHaveCount(50);
	}
	expect((await page.goto('/leads?sort=gone:asc'))?.status()).toBe(200);
	await expect(page.getByText('This is the view without them.')).toBeVisible();
	expect((await page.goto('/leads/bin?after=garbage'))?.status()).toBe(200);
	await page.goto('/leads');
	await expect(page.getByText(/no longer/)).toBeHidden();
});

test('CRM-6: who may only read records saves a view for themselves', async ({ pageAs }) => {
	const page = await pageAs('View only');
	await page.goto('/leads/views/new');
	await expect(page.getByRole('switch', { name: 'Shared with everybody' })).toBeDisabled();
	await expect(page.getByText('views of yours stay your own')).toBeVisible();
	const name = `Mine ${Date.now()}`;
	const switcher = page.getByRole('button', { name: new RegExp(`^${name}\\s*: choose a view`) });
	await expect(async () => {
		await page.getByRole('textbox', { name: 'Name' }).fill(name, { timeout: 1000 });
		await page.getByRole('button', { name: 'Save view' }).click({ timeout: 1000 });
		await expect(switcher).toBeVisible({ timeout: 5000 });
	}).toPass();
	const other = await pageAs('Administrator');
	await other.goto('/leads');
	await expect(other.getByRole('button', { name: /: choose a view/ })).toBeVisible();
	expect(await other.content()).not.toContain(name);
});
