import { claimMessages } from '../../../src/lib/server/channels/claimMessages.ts';
import { createDb } from '../../../src/lib/server/db/client.ts';

/** Told to, takes messages of both channels at once and says when it has them; it hands over nothing. */
export type ClaimReport = 'ready' | 'claimed';

const db = createDb(process.env['DATABASE_WORKER_URL'] ?? '', { name: `e8-${process.pid}`, max: 2 });
const limit = Number(process.env['CLAIM_LIMIT']);
const tell = (report: ClaimReport) => process.send?.(report);

process.once('message', () => {
	for (const channel of ['email', 'whatsapp'] as const)
		claimMessages(db, channel, limit).then(
			() => tell('claimed'),
			() => undefined
		);
});
process.on('disconnect', () => process.exit(0));
// Its connections are open before it is told: what is cut is the claim and not the sign-in.
await Promise.all([db.execute('select pg_sleep(0.01)'), db.execute('select pg_sleep(0.01)')]);
tell('ready');
