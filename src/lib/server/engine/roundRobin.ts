import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import type { DueRun } from './dueRow.ts';
import { ownerRuleOf } from './ownerRule.ts';

type Turn = { o: string; c: string; a: string; last: string | null; moved: boolean };

/** GRA-8 [+]: whose turn it is, per action: read and locked before a pass decides, written with it. */
export class Turns {
	#turns: Map<string, Turn>;

	constructor(turns: readonly Turn[]) {
		this.#turns = new Map(turns.map((turn) => [keyOf(turn.c, turn.a), turn]));
	}

	/** The next of the list who may be asked; null: nobody may. */
	next(
		cadenceId: string,
		actionId: string,
		userIds: readonly string[],
		isActive: (id: string) => boolean
	): string | null {
		const turn = this.#turns.get(keyOf(cadenceId, actionId));
		if (!turn) throw new Error('The turns of this action were not read.');
		// Whoever is named twice has one turn: the place of the second would never be left.
		const names = [...new Set(userIds)];
		// The list may have changed since: who is not in it any more leaves the first turn to its beginning.
		const start = turn.last === null ? 0 : names.indexOf(turn.last) + 1;
		for (let i = 0; i < names.length; i++) {
			const id = names[(start + i) % names.length]!;
			if (!isActive(id)) continue;
			turn.last = id;
			turn.moved = true;
			return id;
		}
		return null;
	}

	async save(tx: OrgTx): Promise<void> {
		const moved = [...this.#turns.values()].filter((turn) => turn.moved);
		if (!moved.length) return;
		await tx.execute(sql`
			update round_robins x set last_user_id = k.last
			from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as k(o uuid, c uuid, a text, last uuid)
			where x.org_id = k.o and x.cadence_id = k.c and x.action_id = k.a`);
	}
}

const keyOf = (cadenceId: string, actionId: string) => `${cadenceId}/${actionId}`;

/** Two statements for a pass with round-robin owners, in one order of locks; none for any other. */
export async function readTurns(tx: OrgTx, due: readonly DueRun[]): Promise<Turns | null> {
	const keys = new Map<string, { o: string; c: string; a: string }>();
	for (const { row, target } of due)
		if (target && ownerRuleOf(target)?.kind === 'roundRobin')
			keys.set(keyOf(row.cadence_id, target.id), { o: row.org_id, c: row.cadence_id, a: target.id });
	if (!keys.size) return null;
	const wanted = JSON.stringify([...keys.values()]);
	await tx.execute(sql`
		insert into round_robins (org_id, cadence_id, action_id)
		select k.o, k.c, k.a from jsonb_to_recordset(${wanted}::jsonb) as k(o uuid, c uuid, a text)
		order by k.o, k.c, k.a on conflict do nothing`);
	const rows = await tx.execute<Omit<Turn, 'moved'>>(sql`
		select x.org_id as o, x.cadence_id as c, x.action_id as a, x.last_user_id as last
		from jsonb_to_recordset(${wanted}::jsonb) as k(o uuid, c uuid, a text)
		join round_robins x on x.org_id = k.o and x.cadence_id = k.c and x.action_id = k.a
		order by x.org_id, x.cadence_id, x.action_id for update of x`);
	return new Turns(rows.map((row) => ({ ...row, moved: false })));
}
