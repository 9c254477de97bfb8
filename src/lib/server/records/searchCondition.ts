import { sql, type SQL } from 'drizzle-orm';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { assumedCommon } from '../criteria/assumedCommon.ts';
import type { OrgTx } from '../db/client.ts';

/** So many matches are joined by id; with more, walking the list meets a page of them soon. */
const mostIds = 1000;

/** The newest records tell whether a text is in many: then the index would list half the module before the first is shown. */
const probed = 1000;
const common = 50;

async function isCommon(tx: OrgTx, module: ModuleDefinition, matches: SQL): Promise<boolean> {
	const [found] = await tx.execute<{ n: number }>(sql`
		select count(*)::int as n from (
			select search from records where org_id = app.org_id() and module_id = ${module.id}::uuid and deleted_at is null
			order by created_at desc, id desc limit ${probed}) r where ${matches}`);
	return found!.n >= common;
}

/** `030 / 12 34-56`: the digits that follow the leading zeros, as numbers are stored to be dialled; null for other texts. */
function dialled(text: string): string | null {
	if (!/^[+(\d][\d\s()./-]*$/.test(text) || !/^0|[\s()./-]/.test(text)) return null;
	const digits = text.replace(/\D/g, '').replace(/^0+/, '');
	return digits.length >= 4 ? digits : null;
}

/** Records whose name begins with the text, in whatever case; by a range of the index. */
export function nameBegins(text: string): SQL {
	const wanted = text.trim().toLowerCase().slice(0, 200);
	const after = behindAll(wanted);
	// A range, not LIKE: only comparisons are leakproof and so may use the index under row level security.
	const from = sql`r.name_sort >= ${wanted}::text`;
	return after === null ? from : sql`${from} and r.name_sort < ${after}::text`;
}

const lastPoint = 0x10ffff;
const surrogates = { first: 0xd800, behind: 0xe000 };

/** The first text that sorts behind all that begin with this one; null when nothing does. */
function behindAll(text: string): string | null {
	const points = [...text].map((letter) => letter.codePointAt(0)!);
	while (points.at(-1) === lastPoint) points.pop();
	const last = points.pop();
	if (last === undefined) return null;
	const next = last + 1 === surrogates.first ? surrogates.behind : last + 1;
	return String.fromCodePoint(...points, next);
}

/**
 * CRM-7: records whose name, e-mail, company or phone contains the text (three letters or more, by the trigram
 * index), or whose name begins with it (fewer). A phone number is found however it is typed.
 */
export async function searchCondition(
	tx: OrgTx,
	module: ModuleDefinition,
	text: string,
	deleted = false
): Promise<SQL> {
	const wanted = text.trim().toLowerCase().slice(0, 200);
	if ([...wanted].length < 3) return nameBegins(wanted);
	const patterns = [wanted, dialled(wanted)]
		.filter((text) => text !== null)
		.map((text) => `%${text.replace(/[\\%_]/g, '\\$&')}%`);
	const matches = sql`r.search like any(${sql.param(patterns)}::text[])`;
	// The index holds the living; the recycle bin is small.
	if (deleted) return matches;
	if (await isCommon(tx, module, matches)) return assumedCommon(matches);
	const found = await tx.execute<{ id: string }>(sql`
		select distinct found.id from unnest(${sql.param(patterns)}::text[]) as p
		cross join lateral app.search_records(${module.id}::uuid, p, ${mostIds + 1}::int) as found(id)`);
	if (found.length > mostIds) return assumedCommon(matches);
	return sql`r.id = any(${sql.param(found.map((row) => row.id))}::uuid[])`;
}
