import { randomFillSync } from 'node:crypto';

const bytes = new Uint8Array(16);

/** A UUID version 7: ids made one after the other sit side by side in an index. */
export function newId(now: number = Date.now()): string {
	randomFillSync(bytes);
	for (let i = 5, rest = now; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
	bytes[6] = 0x70 | (bytes[6]! & 0x0f);
	bytes[8] = 0x80 | (bytes[8]! & 0x3f);
	const hex = Buffer.from(bytes).toString('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
