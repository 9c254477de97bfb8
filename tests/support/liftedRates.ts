import type { CollabLimits } from '../../src/lib/server/collab/limits.ts';

/**
 * The named setting under which sockets may say as much as they can: how often they may come, and how much each may
 * send, is lifted; what may be in a message or a document is not.
 */
export const liftedRates: Partial<CollabLimits> = {
	messagesPerSecond: 1e6,
	messageBurst: 1e6,
	bytesPerSecond: 1e9,
	byteBurst: 1e9,
	connectsPerMinute: 1e6,
	socketsPerUser: 1e6,
	socketsPerAddress: 1e6
};
