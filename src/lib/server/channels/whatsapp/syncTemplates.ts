import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { DomainError } from '#lib/domain/errors.ts';
import { withOrg, type Db } from '../../db/client.ts';
import { findWhatsappAccount } from './account.ts';
import { callCloudApi } from './cloudApi.ts';

const page = z.object({
	data: z.array(
		z.object({
			id: z.string(),
			name: z.string(),
			/** Arrives as `en-US` in webhooks and as `en_US` here. */
			language: z.string().transform((code) => code.replace('-', '_')),
			status: z.string(),
			category: z.string().default('MARKETING'),
			components: z.array(
				z.looseObject({
					type: z.string(),
					format: z.string().optional(),
					text: z.string().optional(),
					buttons: z.array(z.looseObject({ type: z.string(), text: z.string().default('') })).optional()
				})
			)
		})
	),
	paging: z
		.object({ cursors: z.object({ after: z.string() }).partial().optional(), next: z.string().optional() })
		.optional()
});

/** CHA-3: reads all templates with their approval state; what the provider no longer has becomes DELETED. Returns how many. */
export async function syncTemplates(db: Db, orgId: string): Promise<number> {
	const account = await withOrg(db, orgId, (tx) => findWhatsappAccount(tx, orgId));
	if (!account) return 0;
	const templates: z.infer<typeof page>['data'] = [];
	let after: string | undefined;
	do {
		const query = new URLSearchParams({ limit: '100', ...(after ? { after } : {}) });
		const result = await callCloudApi(account, {
			method: 'GET',
			path: `${account.businessAccountId}/message_templates?${query}`
		});
		const read = result.kind === 'answered' && result.status === 200 ? page.safeParse(result.body) : null;
		if (!read?.success)
			throw new DomainError('unavailable', 'The templates could not be read from WhatsApp. Try again later.');
		templates.push(...read.data.data);
		after = read.data.paging?.next ? read.data.paging.cursors?.after : undefined;
	} while (after && templates.length < 5_000);
	await withOrg(db, orgId, async (tx) => {
		await tx.execute(sql`
			insert into whatsapp_templates (org_id, id, provider_id, name, language, category, status, components, synced_at)
			select ${orgId}, app.new_id(), r.id, r.name, r.language, r.category, r.status, r.components, app.now()
			from jsonb_to_recordset(${JSON.stringify(templates)}::jsonb) as r(id text, name text, language text, category text,
				status text, components jsonb)
			on conflict (org_id, provider_id) do update set name = excluded.name, language = excluded.language,
				category = excluded.category, status = excluded.status, components = excluded.components, synced_at = excluded.synced_at`);
		await tx.execute(sql`
			update whatsapp_templates set status = 'DELETED', synced_at = app.now()
			where org_id = ${orgId} and status <> 'DELETED'
				and provider_id <> all(${sql.param(templates.map((template) => template.id))}::text[])`);
	});
	return templates.length;
}
