import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { defineTask } from '../task.ts';

/** Hands over what is due on a channel. */
export default defineTask('sendMessages', ({ channel }, { db, signal }) =>
	sendMessages(db, channel, { signal })
);
