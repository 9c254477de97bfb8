import { type systemFields } from './fields.ts';
import type { RecordValue } from './recordValues.ts';

/** A record as the server reads it; only what a field can show. */
export type RecordLike = {
	name: string;
	ownerId: string;
	data: Record<string, RecordValue>;
	tags: string[];
	timeZone: string | null;
	emailOptOut: boolean;
	callOptOut: boolean;
	whatsappOptOut: boolean;
	createdAt: Date;
	createdBy: string | null;
	modifiedAt: Date;
	modifiedBy: string | null;
	convertedAt: Date | null;
};
type SystemKey = (typeof systemFields)[number]['key'];

const instant = (at: Date | null) => at?.toISOString() ?? null;
const system: Record<SystemKey, (record: RecordLike) => RecordValue> = {
	name: (record) => record.name,
	owner: (record) => record.ownerId,
	createdAt: (record) => instant(record.createdAt),
	createdBy: (record) => record.createdBy,
	modifiedAt: (record) => instant(record.modifiedAt),
	modifiedBy: (record) => record.modifiedBy,
	convertedAt: (record) => instant(record.convertedAt),
	timeZone: (record) => record.timeZone,
	emailOptOut: (record) => record.emailOptOut,
	callOptOut: (record) => record.callOptOut,
	whatsappOptOut: (record) => record.whatsappOptOut,
	tags: (record) => record.tags
};

/** The value of a field by key, from its column or from the data; null when there is none. */
export function fieldValue(record: RecordLike, key: string): RecordValue {
	return key in system ? system[key as SystemKey](record) : (record.data[key] ?? null);
}
