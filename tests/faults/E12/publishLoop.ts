import { sql } from 'drizzle-orm';
import type { Actor } from '../../../src/lib/domain/access/actor.ts';
import { publishCadence } from '../../../src/lib/server/cadences/publishCadence.ts';
import { replaceDocument } from '../../../src/lib/server/collab/replaceDocument.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { draftOfChain, edit, type Chain } from './chain.ts';
import { followsPolicy, isAffected, readPlans, readStandings, type Policy } from './policy.ts';

export type Published = {
	judged: number;
	affected: number;
	wrong: number;
	policy: Policy;
	example: string | null;
};
export type Stage = { actor: Actor; cadenceId: string; templateId: string; senderId: string; chain: Chain };

/** Who is stopped must be replaced, so that is the rarest. */
const policies: readonly Policy[] = ['stop', 'keep', 'move', 'move', 'keep', 'move', 'keep', 'move'];

/**
 * Edits and publishes under the cadence's lock, and compares every live run before and after, in the same transaction,
 * with what the table of VER-4 says.
 */
export async function publishOnce(db: TestDatabase, stage: Stage, random: Random): Promise<Published> {
	const { actor, cadenceId, chain } = stage;
	edit(chain, random);
	const policy = random.pick(policies);
	const decisions = Object.fromEntries(chain.steps.map(({ id }) => [id, policy]));
	return withOrg(db.web, actor.orgId, async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${cadenceId}))`);
		// What comes back is applied without the cadence's lock; for the comparison it waits.
		await tx.execute(sql`select 1 from enrollments where cadence_id = ${cadenceId} order by id for update`);
		const before = await readStandings(tx, cadenceId);
		await replaceDocument(tx, actor.orgId, cadenceId, draftOfChain(chain, stage), actor.userId);
		const [live] = await tx.execute<{ n: number }>(sql`
			select v.n from cadences c join cadence_versions v on v.id = c.active_version_id where c.id = ${cadenceId}`);
		const { versionId } = await publishCadence(tx, actor, { cadenceId, expectedVersion: live!.n, decisions });
		const after = await readStandings(tx, cadenceId, [...before.keys()]);
		const plans = await readPlans(tx, cadenceId);
		const found: Published = { judged: 0, affected: 0, wrong: 0, policy, example: null };
		for (const run of before.values()) {
			const newer = plans.get(versionId)!;
			const impact = isAffected(run, plans.get(run.version)!, newer);
			found.judged++;
			if (impact.affected) found.affected++;
			if (followsPolicy(run, after.get(run.id), impact, policy, versionId, newer)) continue;
			found.wrong++;
			found.example ??= JSON.stringify({ policy, impact, run, after: after.get(run.id) });
		}
		return found;
	});
}
