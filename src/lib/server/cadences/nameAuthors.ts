import { and, eq, inArray } from 'drizzle-orm';
import { readChangeAuthors } from '#lib/server/collab/changeAuthors.ts';
import type { OrgTx } from '../db/client.ts';
import { users } from '../db/schema/accounts.ts';

export type NamedAuthors = {
	people: { id: string; name: string }[];
	/** `nodes/<id>`, `edges/<key>`, `settings/<name>` -> ids of people. */
	by: Record<string, string[]>;
};

/** VER-2: who changed which part of the draft since a version, with their names. */
export async function nameAuthors(
	tx: OrgTx,
	key: { orgId: string; cadenceId: string },
	since: { generation: number; seq: number } | null
): Promise<NamedAuthors> {
	const authors = await readChangeAuthors(tx, key, since);
	const by = Object.fromEntries([...authors].map(([path, ids]) => [path, [...ids].sort()]));
	const ids = [...new Set(Object.values(by).flat())];
	const people = ids.length
		? await tx
				.select({ id: users.id, name: users.name })
				.from(users)
				.where(and(eq(users.orgId, key.orgId), inArray(users.id, ids)))
				.orderBy(users.name)
		: [];
	return { people, by };
}
