import { expect, test } from './support/test.ts';

const types = [
	'application/x-www-form-urlencoded',
	'multipart/form-data; boundary=x',
	'text/plain',
	'application/json',
	''
];
const strangers: Record<string, string>[] = [
	{},
	{ origin: 'https://evil.example' },
	{ origin: 'null' },
	{ 'sec-fetch-site': 'cross-site' },
	{ 'sec-fetch-site': 'same-site' }
];

test('S5: no writing request of another site is accepted, whatever its type', async ({ pageAs, product }) => {
	const page = await pageAs('Administrator');
	const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
	const answers: number[] = [];
	for (const path of ['/logout', '/login']) {
		for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
			for (const type of types) {
				for (const stranger of strangers) {
					const headers = { cookie, ...stranger, ...(type && { 'content-type': type }) };
					const response = await fetch(`${product.origin}${path}`, {
						method,
						headers,
						body: '{}',
						redirect: 'manual'
					});
					answers.push(response.status);
				}
			}
		}
	}
	expect(answers).toHaveLength(200);
	expect(answers.filter((status) => status !== 403)).toEqual([]);
	// Still signed in: nothing of it got through.
	await page.goto('/');
	await expect(page).not.toHaveURL(/\/login/);
});

test('a request too large is refused unless it is an upload', async ({ product }) => {
	const response = await fetch(`${product.origin}/login`, {
		method: 'POST',
		headers: { origin: product.origin, 'content-type': 'application/x-www-form-urlencoded' },
		body: 'a'.repeat(2 * 1024 * 1024)
	}).catch(() => null);
	expect([413, undefined]).toContain(response?.status);
});

test('health is public, figures are not forwarded', async ({ product }) => {
	expect((await fetch(`${product.origin}/healthz`)).status).toBe(200);
	expect((await fetch(`${product.origin}/readyz`)).status).toBe(200);
	expect(await (await fetch(`${product.origin}/metrics`)).text()).toContain('process_cpu_seconds_total');
	const forwarded = await fetch(`${product.origin}/metrics`, {
		headers: { 'x-forwarded-for': '203.0.113.5' }
	});
	expect(forwarded.status).toBe(404);
});

test('what nobody can have meant is refused in words, not as a fault of ours', async ({
	pageAs,
	product
}) => {
	const { request } = (await pageAs('Administrator')).context();
	const post = async (path: string, options: object) =>
		(
			await request.post(`${product.origin}${path}`, { headers: { origin: product.origin }, ...options })
		).status();
	expect(await post('/leads/export', { data: { ids: 1 } })).toBe(422);
	expect(await post('/leads/export', { form: { ids: '["x"]' } })).toBe(422);
	const misspelled = {
		action: 'change',
		selection: { all: { criterion: null } },
		change: { kind: 'delete' }
	};
	expect(await post('/leads/bulk', { data: misspelled })).toBe(422);
	expect((await request.get(`${product.origin}/cadences/x/report/figures.csv`)).status()).toBe(404);
	const vic = (await pageAs('View only')).context().request;
	const bin = await vic.get(`${product.origin}/leads/bin`);
	expect(bin.status()).toBe(403);
	expect(await bin.text()).toContain('may not delete leads');
});
