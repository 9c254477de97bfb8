import { tendIndexes } from '../src/lib/server/views/tendIndexes.ts';

/** `node scripts/tendIndexes.ts`, hourly, where `npm start` does not do it: indexes of fields that audiences compare. */
const { DATABASE_MIGRATE_URL: owner, DATABASE_WORKER_URL: worker } = process.env;
if (!owner || !worker) {
	console.error('Set DATABASE_MIGRATE_URL and DATABASE_WORKER_URL (README, "Your own PostgreSQL").');
	process.exit(1);
}
const { made, dropped } = await tendIndexes({ owner, worker });
console.log(`${made.length} indexes made, ${dropped.length} dropped.`);
