import { awarenessMessage } from '../../../src/lib/server/collab/messages.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openDraftPlace } from '../../support/collabPlace.ts';
import { openPage, until } from '../../support/collabServer.ts';

/** Sockets that say they are somebody else, then a crowd, then fifty thousand. What another page sees of it. */
export async function lieAboutPresence(db: TestDatabase, liars: number) {
	const { ann, users, server, target, raw } = await openDraftPlace(db, ['viewer']);
	const page = openPage(target, ann);
	await page.saved();
	let wrongNames = 0;
	let mostSeen = 0;
	let thrownOut = 0;
	page.awareness.on('change', () => {
		for (const { user } of page.others().values())
			if (user.id !== users[0]!.userId || user.name !== 'A viewer') wrongNames++;
		mostSeen = Math.max(mostSeen, page.others().size);
	});
	const state = (name: string) =>
		JSON.stringify({ cursor: [1, 2], user: { id: ann.userId, name, color: 1 } });
	const crowd = Array.from({ length: 400 }, (_, n) => ({ clientId: 1e6 + n, clock: 1, json: state('x') }));
	const flood = Array.from({ length: 50_000 }, (_, n) => ({ clientId: n + 1, clock: 1, json: '{}' }));
	for (let n = 0; n < liars; n++) {
		const clientId = 42 + n;
		const liar = raw(users[0]!, `generation=1&client=${clientId}`);
		await liar.opened;
		const say = (clock: number, json: string) => liar.ws.send(awarenessMessage([{ clientId, clock, json }]));
		say(1, state('The Boss'));
		await until(() => page.others().has(clientId));
		liar.ws.send(awarenessMessage(crowd));
		say(2, JSON.stringify({ cursor: 'x'.repeat(9000) }));
		say(3, '{"cursor":[7,7]}');
		await until(() => page.others().get(clientId)?.cursor?.[0] === 7);
		liar.ws.send(awarenessMessage(flood));
		if ((await liar.closed) === 4400) thrownOut++;
		await until(() => page.others().size === 0);
	}
	page.destroy();
	await server.close();
	return { liars, wrongNames, mostSeen, thrownOut, errors: server.errors.length };
}
