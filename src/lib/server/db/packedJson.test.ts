import { expect, test } from 'vitest';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import { cadenceVersions } from './schema/cadences.ts';
import { unpackJson } from './packedJson.ts';

test('VER-2: the graph of a version comes back as it was stored, and so do those stored as plain text', () => {
	const draft = emptyDraft();
	const stored = cadenceVersions.graph.mapToDriverValue(draft) as Uint8Array;
	expect(cadenceVersions.graph.mapFromDriverValue(stored)).toEqual(draft);
	expect(unpackJson(Buffer.from(JSON.stringify(draft)))).toEqual(draft);
});

test('VER-2: a large graph takes a fraction of its text', () => {
	const many = Array.from({ length: 500 }, (_, n) => ({ id: `a${n}`, title: 'Look', position: [n, n * 2] }));
	const stored = cadenceVersions.graph.mapToDriverValue({ ...emptyDraft(), many } as never) as Uint8Array;
	expect(stored.byteLength).toBeLessThan(JSON.stringify(many).length / 4);
});
