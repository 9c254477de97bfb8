import { alias } from 'drizzle-orm/pg-core';
import type { RecordData } from '#lib/domain/crm/checkRecord.ts';
import { records } from '../db/schema/crm.ts';

/** The alias that compiled criteria speak of. */
export const r = alias(records, 'r');

export type RecordRow = {
	id: string;
	moduleId: string;
	name: string;
	ownerId: string;
	data: RecordData;
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
	deletedAt: Date | null;
};

export const recordColumns = {
	id: r.id,
	moduleId: r.moduleId,
	name: r.name,
	ownerId: r.ownerId,
	data: r.data,
	tags: r.tags,
	timeZone: r.timeZone,
	emailOptOut: r.emailOptOut,
	callOptOut: r.callOptOut,
	whatsappOptOut: r.whatsappOptOut,
	createdAt: r.createdAt,
	createdBy: r.createdBy,
	modifiedAt: r.modifiedAt,
	modifiedBy: r.modifiedBy,
	convertedAt: r.convertedAt,
	deletedAt: r.deletedAt
};
