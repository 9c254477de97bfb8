import { and, eq, ne, sql } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { profiles } from '../db/schema/accounts.ts';

/** PER-4: names of profiles are told apart by people, so each is used once (capitals do not count). @throws conflict */
export async function requireFreeName(
	tx: OrgTx,
	profile: { orgId: string; id: string; name: string }
): Promise<void> {
	// Two administrators who choose one name at once take turns: the second is told, instead of failing on the index.
	await tx.execute(
		sql`select pg_advisory_xact_lock(hashtextextended(${`profiles:${profile.orgId}`}::text, 0))`
	);
	const [taken] = await tx
		.select({ name: profiles.name })
		.from(profiles)
		.where(
			and(
				eq(profiles.orgId, profile.orgId),
				ne(profiles.id, profile.id),
				eq(sql`lower(${profiles.name})`, profile.name.toLowerCase())
			)
		);
	if (taken)
		throw new DomainError(
			'conflict',
			`There is a profile named "${taken.name}" already. Choose another name.`,
			'/name'
		);
}
