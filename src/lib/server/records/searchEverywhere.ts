import type { Actor } from '#lib/domain/access/actor.ts';
import { canInModule } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { listModules } from '../modules/listModules.ts';
import { listRecords, type ListRecordsInput } from './listRecords.ts';

export type SearchHit = { id: string; name: string; moduleKey: string; hint: string };

const perModule = 5;
const hintFields = ['company', 'email', 'phone'];

/**
 * CRM-7, PER-3: the best few records of every module that the actor may view: names that begin with the text first, and
 * modules in turns, so that a large one does not hide the others.
 */
export async function searchEverywhere(
	tx: OrgTx,
	actor: Actor,
	{ search, limit = 12 }: { search: string; limit?: number }
): Promise<SearchHit[]> {
	const wanted = search.trim().toLowerCase();
	if (wanted.length < 2) return [];
	const ranked: (SearchHit & { rank: number })[] = [];
	for (const module of (await listModules(tx)).filter(({ key }) => canInModule(actor, key, 'view'))) {
		const page = (filter: Pick<ListRecordsInput, 'search' | 'nameBegins' | 'sort'>) =>
			listRecords(tx, actor, { moduleKey: module.key, limit: perModule, ...filter });
		const named = await page({ nameBegins: wanted, sort: { field: 'name', direction: 'asc' } });
		const others = named.rows.length < perModule ? await page({ search: wanted }) : { rows: [] };
		const isNamed = new Set(named.rows.map(({ id }) => id));
		[...named.rows, ...others.rows.filter(({ id }) => !isNamed.has(id))].forEach(
			({ id, name, data }, place) => {
				const about = hintFields.map((key) => data[key]).find((value) => typeof value === 'string');
				const hint = [module.singular, about].filter(Boolean).join(' · ');
				ranked.push({
					...{ id, name, moduleKey: module.key, hint },
					rank: isNamed.has(id) ? place : place + perModule
				});
			}
		);
	}
	return ranked
		.toSorted((a, b) => a.rank - b.rank)
		.slice(0, limit)
		.map(({ rank: _, ...hit }) => hit);
}
