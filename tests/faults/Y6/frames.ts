import type { Random } from '../../../src/lib/server/demo/random.ts';
import { askForMissing, awarenessMessage, updateMessage } from '../../../src/lib/server/collab/messages.ts';
import { hostileDocuments, updateOf } from '../../support/collabAttack.ts';

const valid = [
	updateMessage(updateOf((doc) => doc.getMap('settings').set('trackOpens', false))),
	askForMissing(new Uint8Array([1, 7, 3])),
	awarenessMessage([{ clientId: 7, clock: 1, json: '{"cursor":[1,2]}' }]),
	...Object.values(hostileDocuments)
		.filter((update) => update.byteLength < 500)
		.map(updateMessage)
];

/** Noise, or a message that is hit in a few places, cut off or followed by more. */
export function malformedFrame(random: Random): Buffer {
	if (random.chance(0.3))
		return Buffer.from(Array.from({ length: random.int(0, 60) }, () => random.int(0, 255)));
	let frame = Buffer.from(random.pick(valid));
	// The first bytes say what the message is; a flipped value further on could be a legal edit.
	for (let n = random.int(1, 3); n > 0; n--)
		frame[random.int(0, Math.min(11, frame.length - 1))] = random.int(0, 255);
	if (random.chance(0.2)) frame = frame.subarray(0, random.int(0, frame.length));
	if (random.chance(0.1)) frame = Buffer.concat([frame, Buffer.from([random.int(0, 255)])]);
	return frame;
}
