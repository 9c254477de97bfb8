import type { FieldUpdate } from '#lib/domain/plan/checkFieldValue.ts';
import type { ContextField } from '#lib/domain/plan/publishContext.ts';

/** What a field that was just chosen is set to: one that fits its type, or nothing yet where none is likely. */
export function firstValue({ type, options }: ContextField, today: string): FieldUpdate {
	switch (type) {
		case 'boolean':
			return true;
		case 'number':
		case 'currency':
		case 'percent':
			return 0;
		case 'date':
			return today;
		case 'dateTime':
			return `${today}T09:00:00.000Z`;
		case 'picklist':
			return options?.[0] ?? '';
		case 'multiPicklist':
			return [];
		default:
			return '';
	}
}
