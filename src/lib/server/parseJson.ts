/** Deeper than anything a page sends (criteria nest two levels per group); schemas that call themselves need an end. */
const deepest = 100;

/**
 * JSON from outside; undefined for what is none, and for what is nested so deeply that reading it would use up the stack.
 */
export function parseJson(text: string): unknown {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined;
	}
	let level: unknown[] = [value];
	for (let depth = 0; level.length; depth++) {
		if (depth > deepest) return undefined;
		level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
	}
	return value;
}
