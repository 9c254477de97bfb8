import { readFile } from 'node:fs/promises';
import { Keys } from './support/keys.ts';
import { cadenceAction, enrollments, giveLeads, giveReply, giveWork, standing } from './support/repWorld.ts';
import { expect, test } from './support/test.ts';

const cadence = 'Webinar follow-up';

test('CRM-4 to CRM-9, ENR-1, REE-1: ten everyday tasks of a rep with the keyboard alone', async ({
	pageAs,
	product
}, info) => {
	test.setTimeout(150_000);
	const { owner } = product.logins;
	const stamp = String(Date.now()).slice(-7);
	const page = await pageAs('Rep');
	const keys = new Keys(page);
	const number = [...stamp].toReversed().join('');
	const dialog = page.getByRole('dialog');
	const heading = (name: string) => page.getByRole('heading', { name, level: 1 });
	/** A page hears keys once its scripts run. */
	const open = async (path: string) => {
		await page.goto(path);
		await expect(page.locator('html')).toHaveAttribute('data-ready', '');
	};
	const jumpTo = async (text: string, name: string) => {
		await keys.press('Control+k');
		await keys.type(text);
		await expect(page.getByRole('option', { name: new RegExp(name) }).first()).toBeVisible();
		await keys.press('Enter');
		await expect(heading(name)).toBeVisible();
	};

	const crowd = Array.from({ length: 45 }, (_, n) => ({
		first: `Guest${String(n).padStart(2, '0')}`,
		last: `Q${stamp}`,
		email: `guest${n}.${stamp}@leads.example`
	}));
	const guests = await giveLeads(owner, crowd);
	const [caller, broken, answered] = await giveLeads(owner, [
		{ first: 'Caller', last: `C${stamp}`, phone: `+1415${number}` },
		{ first: 'Broken', last: `B${stamp}` },
		{ first: 'Answer', last: `A${stamp}`, email: `answer.${stamp}@leads.example` },
		{ first: 'Convert', last: `V${stamp}` }
	]);
	await giveWork(
		owner,
		'call',
		caller!,
		Array.from({ length: 10 }, (_, n) => `Ring ${n} ${stamp}`)
	);
	await giveReply(owner, answered!, `answer.${stamp}@leads.example`, `Offer ${stamp}`);
	const guide = await cadenceAction(owner, cadence, 'Course guide');
	await enrollments(page, product.origin, {
		action: 'enroll',
		cadenceId: guide.cadenceId,
		selection: { ids: [broken] },
		startAt: guide.actionId
	});

	await open('/work');
	await keys.task('Find a lead by phone', 20, () =>
		jumpTo(`(415) ${number.slice(0, 3)}-${number.slice(3)}`, `Caller C${stamp}`)
	);

	await open('/work');
	await keys.task('Log ten calls in a row', 60, async () => {
		for (let n = 0; n < 10; n++) {
			await expect(page.locator('[data-work="0"]')).toContainText(`Ring ${n} ${stamp}`);
			await keys.press('c');
			await expect(dialog.getByLabel('Result')).toBeFocused();
			await keys.type('Bu');
			await expect(dialog.getByLabel('Result')).toHaveText('Busy');
			await keys.press('Control+Enter');
			await expect(dialog).toBeHidden();
		}
		await expect(page.getByText(`Ring 9 ${stamp}`)).toBeHidden();
	});

	await open(`/leads?q=Q${stamp}&sort=name:asc`);
	await keys.task('Enroll 40 selected leads', 45, async () => {
		await keys.press(
			'j',
			' ',
			'PageDown',
			'PageDown',
			'PageDown',
			...Array<string>(9).fill('j'),
			'Shift+Space'
		);
		await expect(page.getByText('40 leads selected')).toBeVisible();
		await keys.press('e');
		await expect(dialog.getByLabel('Cadence')).toBeFocused();
		await keys.type('Web');
		await expect(dialog.getByRole('button', { name: 'Enroll 40 leads' })).toBeEnabled();
		await keys.press('Control+Enter');
		await expect(dialog.getByText('40 leads were enrolled')).toBeVisible();
		await keys.press('Escape');
		await expect(dialog).toBeHidden();
	});
	await expect.poll(() => standing(owner, guests.slice(0, 40))).toEqual(Array(40).fill('active'));

	await giveWork(owner, 'task', answered!, [`Move ${stamp}`]);
	await open('/work');
	await keys.task('Reschedule a task', 12, async () => {
		await expect(page.locator('[data-work="0"]')).toContainText(`Move ${stamp}`);
		await keys.press('r');
		await expect(dialog).toBeVisible();
		await keys.tabTo(dialog.getByRole('button', { name: 'Tomorrow at 9:00' }), 5, 'Shift+Tab');
		await keys.press('Enter');
		await expect(page.locator('[data-work]').filter({ hasText: `Move ${stamp}` })).toHaveCount(0);
	});

	const three = guests.slice(0, 3);
	await enrollments(page, product.origin, {
		action: 'unenroll',
		cadenceId: guide.cadenceId,
		selection: { ids: three }
	});
	expect(await standing(owner, three)).toEqual(['stopped', 'stopped', 'stopped']);
	await open(`/leads?q=Q${stamp}&sort=name:asc`);
	await keys.task('Resume three un-enrolled leads', 25, async () => {
		await keys.press('j', ' ', 'j', ' ', 'j', ' ', 'r');
		await expect(dialog.getByLabel('Cadence')).toBeFocused();
		await keys.type('Web');
		await expect(dialog.getByRole('button', { name: 'Resume 3 leads' })).toBeEnabled();
		await keys.press('Control+Enter');
		await expect(dialog.getByText('3 leads were re-enrolled')).toBeVisible();
		await keys.press('Escape');
	});
	expect(await standing(owner, three)).toEqual(['active', 'active', 'active']);

	await expect.poll(() => standing(owner, [broken!]), { timeout: 20_000 }).toEqual(['failed']);
	await open('/work');
	await keys.task('Fix a failed lead and restart it', 100, async () => {
		await jumpTo(`B${stamp}`, `Broken B${stamp}`);
		await keys.press('e');
		await keys.tabTo(page.getByRole('textbox', { name: 'Email', exact: true }), 15);
		await keys.type(`b${stamp}@leads.example`);
		await keys.press('Control+Enter');
		await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
		await keys.press('r');
		await expect(page.getByRole('menuitem', { name: 'Restart' })).toBeVisible();
		await keys.type('Res');
		await keys.press('Enter');
		await expect(dialog.getByRole('button', { name: /^Restart/ })).toBeEnabled();
		await keys.press('Control+Enter');
		await expect(page.getByText('Restarted 1 record')).toBeVisible();
	});
	expect(await standing(owner, [broken!])).toEqual(['active']);

	await keys.task('Answer a reply', 25, async () => {
		await jumpTo(`A${stamp}`, `Answer A${stamp}`);
		await expect(page.getByText('Yes, tell me more.')).toBeVisible();
		await keys.press('m');
		const answer = page.getByRole('link', { name: 'Answer', exact: true });
		await expect(answer).toBeFocused();
		expect(await answer.getAttribute('href')).toBe(
			`mailto:answer.${stamp}@leads.example?subject=Re%3A%20Offer%20${stamp}`
		);
	});

	await keys.task('Convert a lead', 25, async () => {
		await jumpTo(`V${stamp}`, `Convert V${stamp}`);
		await keys.press('a');
		await expect(page.getByRole('menuitem', { name: 'Convert' })).toBeVisible();
		await keys.type('Con');
		await keys.press('Enter');
		await expect(dialog.getByRole('button', { name: 'Convert' })).toBeVisible();
		await keys.press('Control+Enter');
		await expect(page).toHaveURL(/\/contacts\//);
	});

	await open('/leads');
	await keys.task('Build a view', 90, async () => {
		await keys.press('Shift+V');
		await expect(heading('New view of Leads')).toBeVisible();
		await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
		await keys.type(`View ${stamp}`);
		await keys.tabTo(page.getByRole('button', { name: 'Add condition' }), 10, 'Shift+Tab');
		await keys.press('Enter');
		await expect(page.getByRole('combobox', { name: 'Field' })).toBeFocused();
		await keys.type('Last Name');
		await keys.press('Enter');
		await keys.tabTo(page.getByLabel('Value', { exact: true }), 10);
		await keys.type(`Q${stamp}`);
		await expect(page.getByText('45 leads match now.')).toBeVisible();
		await keys.press('Control+Enter');
		await expect(
			page.getByRole('button', { name: new RegExp(`^View ${stamp}\\s*: choose a view`) })
		).toBeVisible();
	});

	await keys.task('Export it', 12, async () => {
		const download = page.waitForEvent('download');
		await keys.press('a');
		await expect(page.getByRole('menuitem', { name: 'Export as CSV' })).toBeVisible();
		await keys.type('Exp');
		await keys.press('ArrowRight');
		await expect(page.getByRole('menuitem', { name: 'Columns as shown' })).toBeVisible();
		await keys.press('Enter');
		const file = await readFile(await (await download).path(), 'utf8');
		expect(file.trim().split('\r\n')).toHaveLength(46);
	});
	expect(keys.done).toHaveLength(10);
	await keys.report(info);
});
