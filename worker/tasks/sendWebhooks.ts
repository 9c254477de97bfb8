import { sendWebhooks } from '#lib/server/channels/webhook/sendWebhooks.ts';
import { oneAtATime } from '../oneAtATime.ts';
import { defineTask } from '../task.ts';

/** Calls the receivers of webhook actions. */
export default defineTask('sendWebhooks', (_payload, { db, signal }) =>
	oneAtATime('sendWebhooks', () => sendWebhooks(db, { signal }))
);
