import { reportFilterSchema, type ParsedReportFilter } from '#lib/domain/report/filter.ts';

/** The address bar holds the filter, so that a report can be sent to somebody. */
export function readReportAddress(
	cadenceId: string,
	params: URLSearchParams
): { filter: ParsedReportFilter; problem: string | null } {
	const read = (key: string) => params.get(key) || undefined;
	const found = reportFilterSchema.safeParse({
		cadenceId,
		mode: read('mode'),
		from: read('from'),
		to: read('to'),
		versionId: read('version')
	});
	if (found.success) return { filter: found.data, problem: null };
	return {
		filter: reportFilterSchema.parse({ cadenceId }),
		problem: found.error.issues[0]?.message ?? 'These filters cannot be read.'
	};
}

export function reportQuery(
	filter: Pick<ParsedReportFilter, 'mode' | 'from' | 'to' | 'versionId'>
): URLSearchParams {
	const query = new URLSearchParams();
	if (filter.mode !== 'enrolled') query.set('mode', filter.mode);
	if (filter.from) query.set('from', filter.from);
	if (filter.to) query.set('to', filter.to);
	if (filter.versionId) query.set('version', filter.versionId);
	return query;
}

export type Behind = { kind: string; action?: string; detail?: string; machine?: boolean };

/** Address of the records behind one number. */
export function behindHref(base: string, filter: ParsedReportFilter, behind: Behind): string {
	const query = reportQuery(filter);
	query.set('kind', behind.kind);
	if (behind.action !== undefined) query.set('action', behind.action);
	if (behind.detail !== undefined) query.set('detail', behind.detail);
	if (behind.machine) query.set('machine', '1');
	return `${base}/report/records?${query}`;
}
