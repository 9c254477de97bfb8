import { stringify } from 'csv-stringify/sync';
import { valueKindOf, type Funnel } from '#lib/domain/report/funnel.ts';
import { activityFigures, figureText, messageFigures, valueText } from '#lib/domain/report/figureText.ts';
import { kindLabel } from '#lib/domain/plan/violation.ts';

/** A spreadsheet would run what begins like a formula (RELIABILITY.md 4, CSV). */
const inert = (text: string): string => (/^[=+\-@\t\r\0]/.test(text) ? `'${text}` : text);

const columns = [...messageFigures, ...activityFigures, 'done'] as const;

/** REP-1: the report as rows of level, follow-up, action, figure, value, runs, events. All cells are quoted. */
export function funnelCsv(funnel: Funnel): string {
	const rows: (string | number)[][] = [];
	const run = (figure: string, value: string, runs: number) =>
		rows.push(['Cadence', '', '', '', figure, value, runs, '']);
	run('Enrolled', '', funnel.enrolled);
	for (const { followUp, runs } of funnel.reached) run('Reached', `Follow-up ${followUp}`, runs);
	run('Completed', '', funnel.completed);
	run('Un-enrolled', '', funnel.unenrolled);
	for (const { value, runs } of funnel.unenrolledBy) run('Un-enrolled', value, runs);
	run('Failed', '', funnel.failed);
	for (const { value, runs } of funnel.failedBy) run('Failed', value, runs);
	for (const action of funnel.actions) {
		const add = (figure: string, value: string, runs: number, events: number | '') =>
			rows.push([
				'Action',
				action.followUp,
				kindLabel(action.kind),
				inert(action.title),
				figure,
				inert(value),
				runs,
				events
			]);
		add('Executed', '', action.executed, '');
		add('Skipped', '', action.skipped, '');
		for (const { value, runs } of action.skippedBy) add('Skipped', value, runs, '');
		for (const kind of columns) {
			const figure = action.figures[kind];
			if (figure) add(figureText[kind].label, '', figure.runs, figure.events);
		}
		for (const { value, runs } of action.values)
			add(figureText[valueKindOf(action.kind)].label, valueText(action, value), runs, '');
	}
	return stringify(rows, {
		header: true,
		quoted: true,
		columns: ['Level', 'Follow-up', 'Channel', 'Action', 'Figure', 'Value', 'Runs', 'Events']
	});
}
