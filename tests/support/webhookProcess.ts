import { sendWebhooks } from '../../src/lib/server/channels/webhook/sendWebhooks.ts';
import { createDb } from '../../src/lib/server/db/client.ts';

/** A process that calls every receiver once, to be killed at a failpoint (tests/integration/webhooks.test.ts). */
const db = createDb(process.env['DATABASE_WORKER_URL'] ?? '', { name: 'webhook-process', max: 3 });
await sendWebhooks(db, { slots: 4 });
await db.$client.end();
