import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';

/**
 * How imports.content holds an uploaded file. Statements carry bytes as hexadecimal text, several times over in memory:
 * 64 MB as they came would cost the process half a gigabyte, packed they are a tenth.
 */
export const packFile = (content: Uint8Array): Promise<Uint8Array> =>
	promisify(gzip)(content, { level: constants.Z_BEST_SPEED });

const isPacked = (stored: Uint8Array) => stored[0] === 0x1f && stored[1] === 0x8b;

/**
 * A file stored before there was packing is returned as it is.
 * @param part only the first bytes of it were read: what they unpack to
 */
export async function unpackFile(stored: Uint8Array, part = false): Promise<Uint8Array> {
	if (!isPacked(stored)) return stored;
	return promisify(gunzip)(stored, part ? { finishFlush: constants.Z_SYNC_FLUSH } : {});
}
