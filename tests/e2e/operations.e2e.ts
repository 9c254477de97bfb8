import postgres from 'postgres';
import { expect, test } from './support/test.ts';

/** Webhooks of the demo's runs that nobody took. */
async function failWebhooks(login: string, n: number) {
	const sql = postgres(login, { max: 1 });
	try {
		await sql`
			insert into webhook_calls (org_id, id, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id,
				receiver, status, settled_at, attempts, last_error)
			select e.org_id, app.new_id(), app.new_id(), e.id, e.run_no, e.current_action_id, e.cadence_id, e.record_id,
				'crm.customer.example', 'failed', app.now() - make_interval(mins => (row_number() over ())::int), 1,
				'The receiver answered 410.'
			from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
			where e.current_action_id is not null and r.deleted_at is null order by e.id limit ${n}`;
	} finally {
		await sql.end();
	}
}

test('GRA-8: webhooks that were not taken are sent again, one by one or all at once', async ({
	pageAs,
	product
}) => {
	await failWebhooks(product.logins.owner, 3);
	const page = await pageAs('Administrator');
	await page.goto('/setup/operations', { waitUntil: 'networkidle' });
	const card = page.getByRole('region', { name: 'Webhooks that were not taken' });
	const rows = card.getByRole('listitem').filter({ hasText: 'The receiver answered 410.' });
	await expect(rows).toHaveCount(3);
	await rows
		.first()
		.getByRole('button', { name: /^Send again/ })
		.click();
	await expect(rows).toHaveCount(2);
	// None of the demo's actions is a webhook, so what was sent again comes back with that reason.
	await expect(card.getByText('The webhook is not in the version', { exact: false })).toBeVisible();
	await card.getByRole('button', { name: /^Send all \d+ again$/ }).click();
	await expect(rows).toHaveCount(0);
});
