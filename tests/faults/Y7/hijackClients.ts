import { sql } from 'drizzle-orm';
import * as Y from 'yjs';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { moveNodes } from '../../../src/lib/collab/edits/moveNodes.ts';
import { updateMessage } from '../../../src/lib/server/collab/messages.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { deleteUnknown, hijack } from '../../support/collabAttack.ts';
import { openDraftPlace } from '../../support/collabPlace.ts';
import { openPage } from '../../support/collabServer.ts';

const AT_ONCE = 20;

/** An editor writes in the name of another one's pages, jumps clocks and deletes what is not there yet. The victim goes on. */
export async function hijackClients(db: TestDatabase, attacks: number) {
	const { ann, users, server, target, raw } = await openDraftPlace(db, ['editor']);
	const page = openPage(target, ann);
	await page.saved();
	const { id } = addAction(page.doc, { node: { kind: 'email', position: [0, 0] } });
	await page.saved();
	const victim = page.doc.clientID;
	const clock = Y.getState(page.doc.store, victim);
	const kinds = [
		() => hijack(victim, clock),
		() => hijack(victim, clock, 3),
		() => hijack(12_345, 0),
		() => deleteUnknown(victim),
		() => deleteUnknown(777)
	];
	let closed = 0;
	for (let done = 0; done < attacks; done += AT_ONCE) {
		const codes = await Promise.all(
			Array.from({ length: Math.min(AT_ONCE, attacks - done) }, async (_, n) => {
				const attacker = raw(users[0]!);
				await attacker.opened;
				attacker.ws.send(updateMessage(kinds[(done + n) % kinds.length]!()));
				return attacker.closed;
			})
		);
		closed += codes.filter((code) => code >= 4400 && code < 4500).length;
	}
	const impostor = await raw(users[0]!, `generation=1&client=${victim}`).closed;
	let durable = 0;
	for (let n = 1; n <= 100; n++) {
		moveNodes(page.doc, { [id]: [n, n] });
		await page.saved();
		durable++;
	}
	const other = openPage(target, users[0]!);
	await other.saved();
	const position = (other.doc.getMap('nodes').get(id) as Y.Map<unknown>).get('pos');
	page.destroy();
	other.destroy();
	await server.close();
	const [audit] = await db.admin.execute<{ n: number }>(sql`select count(*)::int as n from audit_entries
		where action = 'document.reject' and actor_id = ${users[0]!.userId}`);
	const arrived = JSON.stringify(position) === '[100,100]';
	return { attacks, closed, impostor, durable: arrived ? durable : 0, audited: audit!.n };
}
