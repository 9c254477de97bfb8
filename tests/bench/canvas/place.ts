import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { nodeSize } from '../../../src/lib/builder/graph/nodeSize.ts';
import type { Actor } from '../../../src/lib/domain/access/actor.ts';
import type { Draft } from '../../../src/lib/domain/cadence/draft.ts';
import { replaceDocument } from '../../../src/lib/server/collab/replaceDocument.ts';
import { createDb, withOrg } from '../../../src/lib/server/db/client.ts';
import type { Running } from '../../../scripts/supervisor/running.ts';
import type { BareData } from './bare/main.ts';

/** The draft in a cadence of the running product, and who may edit it. */
export async function placeDraft(product: Running, draft: Draft) {
	const owner = createDb(product.logins.owner, { name: 'bench-owner', max: 1 });
	const db = createDb(product.logins.web, { name: 'bench-canvas', max: 2 });
	const [found] = await owner.execute<{ org: string; cadence: string; by: string }>(sql`
		select c.org_id as org, c.id as cadence, c.created_by as by from cadences c
		join modules m on m.org_id = c.org_id and m.id = c.module_id and m.key = 'leads'
		where c.deleted_at is null order by c.created_at limit 1`);
	await owner.execute(sql`update organizations set actions_per_cadence = 1000`);
	const { org: orgId, cadence: cadenceId, by } = found!;
	const users = await owner.execute<{ id: string }>(sql`
		select u.id from users u join profiles p on p.org_id = u.org_id and p.id = u.profile_id
		where u.org_id = ${orgId} and u.active and (p.permissions->'cadences'->>'manage')::boolean`);
	await withOrg(db, orgId, (tx) => replaceDocument(tx, orgId, cadenceId, draft, by as Actor['userId']));
	const [{ generation } = { generation: 1 }] = await owner.execute<{ generation: number }>(
		sql`select generation from documents where cadence_id = ${cadenceId}`
	);
	return {
		origin: product.origin,
		db,
		orgId,
		cadenceId,
		generation,
		userIds: users.map(({ id }) => id),
		/** Ids of cards that are drawn now. */
		inSight: (page: Page): Promise<string[]> =>
			page.evaluate(() =>
				[...document.querySelectorAll<HTMLElement>('.svelte-flow__node')]
					.map(({ dataset }) => dataset['id'] ?? '')
					.filter((id) => /^a\d+$/.test(id))
			),
		/** The same for a canvas that knows nothing of cadences, seen as our page sees it now. */
		bareData: async (page: Page): Promise<BareData> => ({
			nodes: Object.values(draft.nodes).map(({ id, kind, position: [x, y], title }) => ({
				...{ id, x, y, label: title },
				...nodeSize[kind]
			})),
			edges: Object.entries(draft.edges).map(([id, { source, target }]) => ({ id, source, target })),
			viewport: await page.evaluate(() => {
				const { transform } = document.querySelector<HTMLElement>('.svelte-flow__viewport')!.style;
				const [x = 0, y = 0, zoom = 1] = (transform.match(/-?[\d.]+/g) ?? []).map(Number);
				return { x, y, zoom };
			}),
			box: await page.evaluate(() => {
				const { left, top, width, height } = document.querySelector('.svelte-flow')!.getBoundingClientRect();
				return { left, top, width, height };
			})
		}),
		close: async () => {
			await db.$client.end({ timeout: 2 });
			await owner.$client.end({ timeout: 2 });
		}
	};
}
