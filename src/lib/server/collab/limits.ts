import { maxEntries } from '#lib/collab/document.ts';

/** RELIABILITY.md 3.2: caps of the collaboration server. Tests narrow them; no deployment setting does. */
export const collabLimits = {
	/** Above the largest document, or a legal full sync would be refused for ever. */
	maxPayload: 1024 * 1024,
	documentBytes: 768 * 1024,
	updateStructs: 50_000,
	/** Structs of one update together, in characters or entries. */
	updateLength: 1_000_000,
	deleteRanges: 20_000,
	entries: maxEntries,
	fieldsPerEntry: 60,
	textLength: 20_000,
	valueBytes: 64 * 1024,
	valueDepth: 8,
	/** Criteria nest two levels per group. */
	criteriaDepth: 16,
	bufferedBytes: 4 * 1024 * 1024,
	messagesPerSecond: 120,
	messageBurst: 400,
	bytesPerSecond: 512 * 1024,
	byteBurst: 4 * 1024 * 1024,
	/** Refused or unusable messages before the socket is closed. */
	strikes: 20,
	socketsPerUser: 30,
	socketsPerAddress: 200,
	connectsPerMinute: 60,
	upgradeMs: 3_000,
	storeMs: 20_000,
	/** Messages held while a document loads. */
	heldMessages: 64,
	awarenessMs: 40,
	remoteAwarenessMs: 50,
	notifyBytes: 7_800,
	idleMs: 30_000,
	compactEvery: 500
} as const;
export type CollabLimits = { readonly [K in keyof typeof collabLimits]: number };
