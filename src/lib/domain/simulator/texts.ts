import { parseTemplate } from '../mergeFields/parse.ts';
import { renderHeader, renderHtml, renderText } from '../mergeFields/render.ts';
import type { MergeValues } from '../mergeFields/values.ts';
import type { PlanAction } from '../plan/plan.ts';

/** Words of templates by action id; e-mails have HTML, WhatsApp messages plain text. */
export type TemplateTexts = Readonly<Record<string, { subject: string; body: string }>>;

export type RenderedText = { subject: string; body: string };

/** VER-7: with which text an action would run; null: it has none. */
export function textOf(
	action: PlanAction,
	templates: TemplateTexts,
	values: MergeValues | null
): RenderedText | null {
	const written = writtenText(action, templates);
	if (!written || !values) return written;
	const body = parseTemplate(written.body);
	return {
		subject: renderHeader(parseTemplate(written.subject), values),
		body: action.kind === 'email' ? renderHtml(body, values) : renderText(body, values)
	};
}

function writtenText(action: PlanAction, templates: TemplateTexts): RenderedText | null {
	if (action.kind === 'task') return { subject: action.config.subject, body: action.config.description };
	if (action.kind === 'call') return { subject: action.config.subject, body: action.config.agenda };
	return Object.hasOwn(templates, action.id) ? templates[action.id]! : null;
}
