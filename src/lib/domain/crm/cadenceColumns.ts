import { z } from 'zod';

/** CRM-8: what the Cadences related list of a record can show; each person chooses and orders. */
const cadenceColumnKeys = [
	'cadence',
	'status',
	'started',
	'enrolledBy',
	'current',
	'next',
	'version',
	'lastResponse',
	'ended'
] as const;
export type CadenceColumn = (typeof cadenceColumnKeys)[number];

/** In the order in which they are offered. */
export const cadenceColumns: readonly { key: CadenceColumn; label: string }[] = [
	{ key: 'cadence', label: 'Cadence' },
	{ key: 'status', label: 'Status' },
	{ key: 'started', label: 'Started' },
	{ key: 'enrolledBy', label: 'Enrolled by' },
	{ key: 'current', label: 'Current follow-up' },
	{ key: 'next', label: 'Next action' },
	{ key: 'version', label: 'Version' },
	{ key: 'lastResponse', label: 'Last response' },
	{ key: 'ended', label: 'Un-enrolled' }
];

/** What somebody sees who chose nothing yet; what ended says so under "Next action". */
export const usualCadenceColumns: readonly CadenceColumn[] = [
	'cadence',
	'status',
	'started',
	'current',
	'next',
	'lastResponse'
];

export const cadenceColumnsSchema = z
	.array(z.enum(cadenceColumnKeys))
	.min(1, 'Keep at least one column.')
	.refine((keys) => new Set(keys).size === keys.length, 'A column can be shown once.');
