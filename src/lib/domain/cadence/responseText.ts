import { responsesByKind } from './responses.ts';

const labels = new Map(
	Object.values(responsesByKind)
		.flat()
		.map((r) => [r.kind as string, r.label])
);

/** "Clicked link 1", "Busy", "Hard bounce": a stored response (`clicked/0`, `result/Busy`) in words. */
export function responseText(key: string): string {
	const slash = key.indexOf('/');
	const kind = slash < 0 ? key : key.slice(0, slash);
	const value = slash < 0 ? '' : key.slice(slash + 1);
	const label = labels.get(kind) ?? kind;
	if (!value) return label;
	switch (kind) {
		case 'clicked':
			return /^\d+$/.test(value) ? `Clicked link ${Number(value) + 1}` : label;
		case 'bounced':
			return value === 'hard' ? 'Hard bounce' : value === 'soft' ? 'Soft bounce' : label;
		case 'case':
			return label;
		case 'result':
		case 'status':
			return value;
		default:
			return `${label}: ${value}`;
	}
}
