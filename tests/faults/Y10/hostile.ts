import { sql } from 'drizzle-orm';
import { isDomainError } from '../../../src/lib/domain/errors.ts';
import { publishCadence } from '../../../src/lib/server/cadences/publishCadence.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { makeCadence } from '../../support/cadences.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { asMessages, hostileDocuments } from '../../support/collabAttack.ts';
import { openDraftPlace } from '../../support/collabPlace.ts';
import { makeWorld } from '../../support/engineWorld.ts';

/** Every hostile document at the gate: which were not refused. */
export async function knockAtGate(db: TestDatabase) {
	const { ann, server, raw, logLength } = await openDraftPlace(db);
	const letIn: string[] = [];
	for (const [name, message] of asMessages(hostileDocuments)) {
		const attacker = raw(ann);
		await attacker.opened;
		attacker.ws.send(message);
		const code = await Promise.race([
			attacker.closed,
			new Promise<number>((done) => setTimeout(() => done(0), 10_000).unref())
		]);
		if (code < 4400) letIn.push(name);
		attacker.ws.terminate();
	}
	const stored = (await logLength()) - 1;
	await server.close();
	const polluted = 'admin' in {};
	return { letIn, stored, polluted, errors: server.errors.length };
}

/** Each of them in the log of a valid draft, as if there were no gate, then published: which did not end in an answer. */
export async function publishHostile(db: TestDatabase) {
	const crashed: string[] = [];
	let refused = 0;
	let published = 0;
	for (const [name, bytes] of Object.entries(hostileDocuments)) {
		// An organization of its own each: the number of its cadences is limited.
		const { actor, orgId } = await makeWorld(db);
		const cadenceId = await withOrg(db.web, orgId, (tx) => makeCadence(tx, actor, name));
		await db.admin.execute(sql`
			with d as (update documents set seq = seq + 1 where cadence_id = ${cadenceId} returning *)
			insert into document_updates (org_id, cadence_id, generation, seq, bytes, user_id)
			select org_id, cadence_id, generation, seq, decode(${Buffer.from(bytes).toString('hex')}, 'hex'), ${actor.userId}
			from d`);
		try {
			await withOrg(db.web, orgId, (tx) => publishCadence(tx, actor, { cadenceId, expectedVersion: null }));
			// What is hostile may lie where no draft looks.
			published++;
		} catch (error) {
			if (isDomainError(error) && error.code === 'invalid') refused++;
			else crashed.push(`${name}: ${String(error)}`);
		}
	}
	const [plans] = await db.admin.execute<{ n: number }>(
		sql`select count(*)::int as n from cadence_versions where plan::text ~ '__proto__|"evil"'`
	);
	return { crashed, refused, published, hostilePlans: plans!.n };
}
