import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { conditionsOf } from '#lib/domain/criteria/relativeTime.ts';
import { findField } from '#lib/domain/crm/fields.ts';
import { indexExpression } from '../criteria/fieldIndex.ts';
import { createDb, withOrg, type Db } from '../db/client.ts';
import { findCadences } from '../engine/activeCadences.ts';
import { getModule } from '../modules/getModule.ts';

/** Below this many records a module is read as a whole in no time. */
const worthwhileRecords = 20_000;
/** Each index costs every write of its module some microseconds. */
const capPerModule = 8;
const capInAll = 64;
const prefix = 'records_field_';
/** One process at a time, whichever machine it runs on. */
const lock = 7_261_940_312;

type Wanted = { name: string; orgId: string; moduleId: string; expression: string };

/**
 * DESIGN.md 4: an index per field that the audience of an active cadence compares, made and dropped without holding up
 * anybody. Needs the login that owns the tables: an index can be made by nobody else. May be repeated; one that was left
 * half made is made anew.
 * @returns names of indexes made and dropped
 */
export async function tendIndexes(
	urls: { owner: string; worker: string },
	{ minRecords = worthwhileRecords }: { minRecords?: number } = {}
): Promise<{ made: string[]; dropped: string[] }> {
	const worker = createDb(urls.worker, { name: 'cadenza-indexes', max: 2 });
	const owner = postgres(urls.owner, { max: 1, onnotice: () => undefined, connect_timeout: 10 });
	try {
		const [mine] = await owner<{ ok: boolean }[]>`select pg_try_advisory_lock(${lock}) as ok`;
		if (!mine?.ok) return { made: [], dropped: [] };
		const wanted = await findWanted(worker, minRecords);
		const there = await owner<{ name: string; valid: boolean }[]>`
			select c.relname as name, i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
			where i.indrelid = 'records'::regclass and c.relname like ${`${prefix}%`}`;
		const names = new Set(wanted.map((one) => one.name));
		const dropped = there.filter((one) => !one.valid || !names.has(one.name)).map((one) => one.name);
		for (const name of dropped) await owner.unsafe(`drop index concurrently if exists ${name}`);
		const kept = new Set(there.map((one) => one.name).filter((name) => !dropped.includes(name)));
		const missing = wanted.filter((one) => !kept.has(one.name));
		for (const { name, orgId, moduleId, expression } of missing)
			// Ids and keys of our own making: a definition takes no parameters.
			await owner.unsafe(`create index concurrently ${name} on records (${expression}, id)
				where org_id = '${orgId}'::uuid and module_id = '${moduleId}'::uuid and deleted_at is null`);
		// Without statistics of the expression nobody would know how few it selects.
		if (missing.length) await owner.unsafe('analyze records');
		return { made: missing.map((one) => one.name), dropped };
	} finally {
		await owner.end({ timeout: 5 });
		await worker.$client.end({ timeout: 5 });
	}
}

/** What the active view cadences compare, the most used first. */
async function findWanted(db: Db, minRecords: number): Promise<Wanted[]> {
	const cadences = await findCadences(db, sql`c.state = 'active' and c.view_id is not null`);
	const found: Wanted[] = [];
	for (const group of Map.groupBy(cadences, (one) => `${one.orgId}/${one.moduleId}`).values()) {
		const { orgId, moduleId } = group[0]!;
		const module = await withOrg(db, orgId, async (tx) => {
			const [size] = await tx.execute<{ n: number }>(sql`
				select count(*)::int as n from (
					select 1 from records where org_id = ${orgId}::uuid and module_id = ${moduleId}::uuid and deleted_at is null
					limit ${minRecords}) x`);
			return size!.n < minRecords ? null : getModule(tx, moduleId);
		});
		if (!module) continue;
		const expressions = group
			.flatMap(({ viewCriteria }) => (viewCriteria ? conditionsOf(viewCriteria) : []))
			.flatMap((condition) => {
				const field = findField(module, condition.field);
				return (field && indexExpression(field, condition.op)) ?? [];
			});
		const uses = [...Map.groupBy(expressions, (one) => one)].sort(([, a], [, b]) => b.length - a.length);
		for (const [expression] of uses.slice(0, capPerModule))
			found.push({ name: nameOf(orgId, moduleId, expression), orgId, moduleId, expression });
	}
	return found.slice(0, capInAll);
}

const nameOf = (...parts: string[]) =>
	prefix + createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 24);
