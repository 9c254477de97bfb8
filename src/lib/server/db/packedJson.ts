import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { customType } from 'drizzle-orm/pg-core';

/** How a plain JSON object begins; a zstd frame begins otherwise. */
const BRACE = 0x7b;

/**
 * JSON that is read whole and never looked into by SQL, as zstd: a twentieth of the bytes on their way, and none of
 * what PostgreSQL does to make jsonb of a large document. Rows from before hold the plain text.
 */
export const packedJson = customType<{ data: unknown; driverData: Uint8Array }>({
	dataType: () => 'bytea',
	toDriver: (value) => zstdCompressSync(JSON.stringify(value)),
	fromDriver: unpackJson
});

/** What `packedJson` stored, for those who read the column by hand. */
export function unpackJson(stored: Uint8Array): unknown {
	const text = stored[0] === BRACE ? stored : zstdDecompressSync(stored);
	return JSON.parse(Buffer.from(text).toString());
}
