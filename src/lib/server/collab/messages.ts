import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { newsMessage, type CadenceNews } from '#lib/collab/cadenceNews.ts';

/**
 * The y-websocket protocol, read strictly: y-protocols' own readers swallow errors, so a server built on them cannot
 * see bad input (RELIABILITY.md 3.1). Anything unexpected, also bytes left over, makes a message unreadable.
 */
const SYNC = 0;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

export type Incoming =
	| { kind: 'step1'; vector: Uint8Array }
	| { kind: 'update'; bytes: Uint8Array }
	| { kind: 'awareness'; bytes: Uint8Array }
	| { kind: 'queryAwareness' };

export function readMessage(data: Uint8Array): Incoming | null {
	try {
		const decoder = decoding.createDecoder(data);
		const message = readBody(decoder);
		return message && !decoding.hasContent(decoder) ? message : null;
	} catch {
		return null;
	}
}

function readBody(decoder: decoding.Decoder): Incoming | null {
	switch (decoding.readVarUint(decoder)) {
		case SYNC:
			return readSync(decoder);
		case AWARENESS:
			return { kind: 'awareness', bytes: decoding.readVarUint8Array(decoder) };
		case QUERY_AWARENESS:
			return { kind: 'queryAwareness' };
		default:
			return null;
	}
}

function readSync(decoder: decoding.Decoder): Incoming | null {
	const step = decoding.readVarUint(decoder);
	const bytes = decoding.readVarUint8Array(decoder);
	if (step === STEP_1) return { kind: 'step1', vector: bytes };
	return step === STEP_2 || step === UPDATE ? { kind: 'update', bytes } : null;
}

const message = (...parts: (number | Uint8Array)[]): Uint8Array => {
	const encoder = encoding.createEncoder();
	for (const part of parts) {
		if (typeof part === 'number') encoding.writeVarUint(encoder, part);
		else encoding.writeVarUint8Array(encoder, part);
	}
	return encoding.toUint8Array(encoder);
};

/** "This is what I have; send me the rest." */
export const askForMissing = (stateVector: Uint8Array): Uint8Array => message(SYNC, STEP_1, stateVector);
/** "This is what you miss." */
export const answerMissing = (update: Uint8Array): Uint8Array => message(SYNC, STEP_2, update);
export const updateMessage = (update: Uint8Array): Uint8Array => message(SYNC, UPDATE, update);

export type AwarenessEntry = { clientId: number; clock: number; json: string };

export function awarenessMessage(entries: readonly AwarenessEntry[]): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, entries.length);
	for (const { clientId, clock, json } of entries) {
		encoding.writeVarUint(encoder, clientId);
		encoding.writeVarUint(encoder, clock);
		encoding.writeVarString(encoder, json);
	}
	return message(AWARENESS, encoding.toUint8Array(encoder));
}

/** What happened to the cadence, as a frame for everybody. */
export function newsFrame(news: CadenceNews): Buffer {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, newsMessage);
	encoding.writeVarString(encoder, JSON.stringify(news));
	return frame(encoding.toUint8Array(encoder));
}

/** Null when it cannot be read or names more than `max` clients. */
export function readAwareness(bytes: Uint8Array, max: number): AwarenessEntry[] | null {
	try {
		const decoder = decoding.createDecoder(bytes);
		const count = decoding.readVarUint(decoder);
		if (count > max) return null;
		return Array.from({ length: count }, () => ({
			clientId: decoding.readVarUint(decoder),
			clock: decoding.readVarUint(decoder),
			json: decoding.readVarString(decoder)
		}));
	} catch {
		return null;
	}
}

/**
 * A whole WebSocket frame (binary, final, unmasked, as servers send). Built once and written to every socket: framing
 * per socket is what limits a relay (PERFORMANCE.md 5).
 */
export function frame(payload: Uint8Array): Buffer {
	const length = payload.byteLength;
	const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
	const buffer = Buffer.allocUnsafe(head + length);
	buffer[0] = 0x82;
	if (head === 2) buffer[1] = length;
	else if (head === 4) {
		buffer[1] = 126;
		buffer.writeUInt16BE(length, 2);
	} else {
		buffer[1] = 127;
		buffer.writeBigUInt64BE(BigInt(length), 2);
	}
	buffer.set(payload, head);
	return buffer;
}
