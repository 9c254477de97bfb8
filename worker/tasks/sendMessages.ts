import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { oneAtATime } from '../oneAtATime.ts';
import { defineTask } from '../task.ts';

/** Hands over what is due on a channel. */
export default defineTask('sendMessages', ({ channel }, { db, signal }) =>
	oneAtATime(`sendMessages:${channel}`, () => sendMessages(db, channel, { signal }))
);
