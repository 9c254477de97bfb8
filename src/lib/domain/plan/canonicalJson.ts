/** Keys are few and come again and again: each is quoted once. Unknown ones (ids) are not kept for ever. */
const quoted = new Map<string, string>();
const MAX_QUOTED = 2_000;

/** JSON with the keys of every object in order and nothing undefined: equal values give equal bytes. */
export function canonicalJson(value: unknown): string {
	if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
	let text = '';
	if (Array.isArray(value)) {
		for (const part of value as unknown[]) text += (text && ',') + canonicalJson(part);
		return `[${text}]`;
	}
	for (const key of Object.keys(value).sort()) {
		const part = (value as Record<string, unknown>)[key];
		if (part !== undefined) text += `${text && ','}${quote(key)}:${canonicalJson(part)}`;
	}
	return `{${text}}`;
}

function quote(key: string): string {
	let found = quoted.get(key);
	if (found === undefined) {
		found = JSON.stringify(key);
		if (quoted.size < MAX_QUOTED) quoted.set(key, found);
	}
	return found;
}
