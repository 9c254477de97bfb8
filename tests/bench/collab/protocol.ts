import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { RelayName } from './relays/names.ts';

const SYNC = 0;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

/** What one client id wrote: clocks `from` to before `to`. */
export type Written = { client: number; from: number; to: number };
export type Heard = { kind: 'state'; update: Uint8Array } | { kind: 'written'; parts: readonly Written[] };

/** The y-websocket protocol, and Hocuspocus' own around it: each message begins with the name of the document. */
export function protocolOf(relay: RelayName, documentId: string) {
	const isNamed = relay === 'hocuspocus';
	const message = (step: number, bytes: Uint8Array): Uint8Array => {
		const encoder = encoding.createEncoder();
		if (isNamed) encoding.writeVarString(encoder, documentId);
		encoding.writeVarUint(encoder, SYNC);
		encoding.writeVarUint(encoder, step);
		encoding.writeVarUint8Array(encoder, bytes);
		return encoding.toUint8Array(encoder);
	};
	return {
		/** What a client says first. */
		greeting: (): Uint8Array[] => [
			...(isNamed ? [hocuspocusToken(documentId)] : []),
			message(STEP_1, Y.encodeStateVector(new Y.Doc()))
		],
		update: (bytes: Uint8Array) => message(UPDATE, bytes),
		read: (data: Uint8Array): Heard | null => {
			const decoder = decoding.createDecoder(data);
			if (isNamed) decoding.readVarUint8Array(decoder);
			if (decoding.readVarUint(decoder) !== SYNC) return null;
			const step = decoding.readVarUint(decoder);
			if (step === STEP_1) return null;
			const update = decoding.readVarUint8Array(decoder);
			return step === STEP_2 ? { kind: 'state', update } : { kind: 'written', parts: written(update) };
		}
	};
}

function hocuspocusToken(documentId: string): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarString(encoder, documentId);
	encoding.writeVarUint(encoder, 2);
	encoding.writeVarUint(encoder, 0);
	encoding.writeVarString(encoder, 'token');
	return encoding.toUint8Array(encoder);
}

/** Everybody gets the same bytes, so they are read once. */
let recent = new Map<string, Written[]>();
let older = new Map<string, Written[]>();

function written(update: Uint8Array): Written[] {
	const decoder = decoding.createDecoder(update);
	if (decoding.readVarUint(decoder) === 1 && decoding.readVarUint(decoder) === 1) {
		const client = decoding.readVarUint(decoder);
		const from = decoding.readVarUint(decoder);
		// Every edit here is one struct of length one.
		return [{ client, from, to: from + 1 }];
	}
	const key = Buffer.from(update.buffer, update.byteOffset, update.byteLength).toString('latin1');
	const known = recent.get(key) ?? older.get(key);
	if (known) return known;
	const { from, to } = Y.parseUpdateMeta(update);
	const parts = [...to].map(([client, end]) => ({ client, from: from.get(client) ?? 0, to: end }));
	if (recent.size > 2_000) {
		older = recent;
		recent = new Map();
	}
	recent.set(key, parts);
	return parts;
}
