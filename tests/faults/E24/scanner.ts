import { once } from 'node:events';
import { createDb } from '../../../src/lib/server/db/client.ts';
import { scanCadence } from '../../../src/lib/server/engine/scanCadence.ts';

/** A process that scans one cadence when it is told to, and is killed meanwhile: `node scanner.ts <url> <org> <cadence>`. */
const [url = '', orgId = '', cadenceId = ''] = process.argv.slice(2);
process.on('disconnect', () => process.exit(1));
const db = createDb(url, { name: 'scanner', max: 2 });
await once(process, 'message');
process.send?.('scanning');
await scanCadence(db, { orgId, cadenceId });
await db.$client.end();
process.exit(0);
