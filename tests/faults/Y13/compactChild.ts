/** One compaction of everything, in a process that may die in the middle of it. Argument: the worker's database. */
import { compactDocuments } from '../../../src/lib/server/collab/compactDocuments.ts';
import { createDb } from '../../../src/lib/server/db/client.ts';

const db = createDb(process.argv[2]!, { name: 'compact-child', max: 2 });
process.stdout.write(`${await compactDocuments(db, { every: 1 })}`);
await db.$client.end();
