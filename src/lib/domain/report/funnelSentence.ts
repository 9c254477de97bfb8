import type { ReportMode } from './filter.ts';
import type { ActionFigures, Funnel } from './funnel.ts';

const number = new Intl.NumberFormat('en-US');
export const formatCount = (value: number): string => number.format(value);

/** Whole percent; one digit below ten, so that 0.4 % is not "0 %". */
export function formatShare(part: number, whole: number): string {
	if (whole === 0) return '0%';
	const share = (100 * part) / whole;
	return `${share > 0 && share < 10 ? Math.max(0.1, Math.round(share * 10) / 10) : Math.round(share)}%`;
}

const answered = (action: ActionFigures): number =>
	action.kind === 'call'
		? (action.figures.result?.runs ?? 0)
		: action.kind === 'task'
			? 0
			: (action.figures.replied?.runs ?? 0);

/** UX.md Reports: the report in one or two sentences, before any picture. Each figure counts runs. */
export function funnelSentence(
	funnel: Funnel,
	mode: ReportMode,
	name: (action: ActionFigures) => string
): string {
	const { enrolled, completed, unenrolled, failed } = funnel;
	if (!enrolled)
		return mode === 'enrolled' ? 'Nobody was enrolled yet.' : 'Nobody was enrolled in these days.';
	// Of the runs that began, those that did not end are under way; what happened in some days says nothing about that.
	const underWay = mode === 'enrolled' ? enrolled - completed - unenrolled - failed : 0;
	const parts = [
		`${formatCount(completed)} of ${formatCount(enrolled)} enrolled completed (${formatShare(completed, enrolled)}), ` +
			(underWay > 0 ? `${formatCount(underWay)} are under way, ` : '') +
			`${formatCount(unenrolled)} left before the end, ${formatCount(failed)} failed.`
	];
	const best = funnel.actions
		.filter((action) => action.executed > 0 && answered(action) > 0)
		.sort((a, b) => answered(b) / b.executed - answered(a) / a.executed)[0];
	if (best) {
		const verb = best.kind === 'call' ? 'got a result from' : 'was answered by';
		parts.push(
			`Best: ${name(best)} ${verb} ${formatCount(answered(best))} of ${formatCount(best.executed)} (${formatShare(answered(best), best.executed)}).`
		);
	}
	return parts.join(' ');
}
