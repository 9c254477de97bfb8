import { parseTemplate, type Template } from '#lib/domain/mergeFields/parse.ts';
import { renderHeader, renderText } from '#lib/domain/mergeFields/render.ts';
import { storable } from '../channels/storableText.ts';
import type { OrgTx } from '../db/client.ts';
import { readMergeValues } from '../templates/readMergeValues.ts';
import type { DueRun } from './dueRow.ts';

const parsed = new Map<string, Template>();

/** Texts are the plan's, so few of them serve many runs. */
function parse(text: string): Template {
	let template = parsed.get(text);
	if (!template) {
		if (parsed.size > 1000) parsed.clear();
		parsed.set(text, (template = parseTemplate(text)));
	}
	return template;
}

/** GRA-8: merge fields of tasks and calls, with the record as it is now. Texts without any cost nothing. */
export async function fillTexts(tx: OrgTx, runs: readonly DueRun[]): Promise<void> {
	const texts = runs.flatMap((run) => {
		if (run.target?.kind !== 'task' && run.target?.kind !== 'call') return [];
		const { config } = run.target;
		const description = 'description' in config ? config.description : config.agenda;
		return `${config.subject}${description}`.includes('{{')
			? [{ run, subject: config.subject, description }]
			: [];
	});
	if (!texts.length) return;
	const values = await readMergeValues(
		tx,
		texts.map(({ run }) => ({ orgId: run.row.org_id, recordId: run.row.record_id }))
	);
	for (const [i, { run, subject, description }] of texts.entries()) {
		const of = values[i];
		if (!of) continue;
		run.texts = {
			subject: storable(renderHeader(parse(subject), of), 250),
			description: renderText(parse(description), of)
		};
	}
}
