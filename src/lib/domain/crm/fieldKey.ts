const reserved = new Set([
	'constructor',
	'prototype',
	'__proto__',
	'id',
	'org',
	'module',
	'data',
	'record',
	'user'
]);

/**
 * The key of a new field from its label: "What is your current occupation" -> `whatIsYourCurrentOccupation`. Letters
 * and digits only, so that it may stand in a merge field or a path; made unique by a number.
 */
export function fieldKeyOf(label: string, isTaken: (key: string) => boolean): string {
	const words = label
		.replaceAll('ß', 'ss')
		.normalize('NFKD')
		.replace(/\p{M}/gu, '')
		.split(/[^A-Za-z0-9]+/)
		.filter((word) => word !== '');
	const camel = words
		.map((word, index) => {
			const lower = word.toLowerCase();
			return index === 0 ? lower : lower.charAt(0).toUpperCase() + lower.slice(1);
		})
		.join('');
	const base = (/^[a-z]/.test(camel) ? camel : `field${camel}`).slice(0, 50);
	const isFree = (key: string) => !reserved.has(key) && !isTaken(key);
	if (isFree(base)) return base;
	let n = 2;
	while (!isFree(`${base}${n}`)) n += 1;
	return `${base}${n}`;
}
