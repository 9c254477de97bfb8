export type Variant = { id: string; templateId: string | null; weight: number };

/** The id of an e-mail's first template among its variants. */
export const firstVariantId = 'a';
const defaultWeight = 50;

/** GRA-8 [+]: the templates of an A/B test with their weights; null: the e-mail has one template only. */
export function variantsOf(config: {
	templateId: string | null;
	weight?: number | undefined;
	variants?: readonly Variant[] | undefined;
}): Variant[] | null {
	if (!config.variants?.length) return null;
	const first = { id: firstVariantId, templateId: config.templateId, weight: config.weight ?? defaultWeight };
	return [first, ...config.variants];
}

/**
 * GRA-8 [+]: the variant of one run of an action, by weight. The same seed gives the same variant, so that a retry
 * sends what was chosen before; seeds that differ in one character are independent.
 */
export function chooseVariant<V extends { weight: number }>(seed: string, variants: readonly V[]): V {
	const total = variants.reduce((sum, one) => sum + one.weight, 0);
	let place = (hash(seed) / 0x1_0000_0000) * total;
	for (const variant of variants) {
		place -= variant.weight;
		if (place < 0) return variant;
	}
	return variants.at(-1)!;
}

/** MurmurHash3, 32 bits, over UTF-16 code units: evenly spread, and the same on every machine. */
function hash(text: string): number {
	let h = 0;
	for (let i = 0; i < text.length; i++) {
		let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
		k = (k << 15) | (k >>> 17);
		h ^= Math.imul(k, 0x1b873593);
		h = (h << 13) | (h >>> 19);
		h = (Math.imul(h, 5) + 0xe6546b64) | 0;
	}
	h ^= text.length;
	h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return (h ^ (h >>> 16)) >>> 0;
}
