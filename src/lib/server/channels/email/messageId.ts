import { createHash } from 'node:crypto';

const namespace = Buffer.from('5f0c2a8e4b6d4f6f9a5d0d6a7c1e3b90', 'hex');

/** UUID version 5: the same action run always has the same id, whoever sends it and however often. */
function uuidV5(name: string): string {
	const hash = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
	hash[6] = 0x50 | (hash[6]! & 0x0f);
	hash[8] = 0x80 | (hash[8]! & 0x3f);
	const hex = hash.toString('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** `<uuidv5(action run)[-attempt]@mail domain>`; `attempt` only after a person chose "send again" (RELIABILITY.md 2.3). */
export const createMessageId = (actionRunId: string, mailDomain: string, attempt?: number): string =>
	`<${uuidV5(actionRunId)}${attempt === undefined ? '' : `-${attempt}`}@${mailDomain}>`;
