import { emailTemplateSchema, type EmailTemplateInput } from '#lib/domain/mergeFields/template.ts';
import { checkTemplate, mergeContextOf } from '#lib/domain/mergeFields/check.ts';
import { mergeFieldsOf, parseTemplate, type Template } from '#lib/domain/mergeFields/parse.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { listModules } from '../modules/listModules.ts';
import { sanitizeEmail } from './sanitizeEmail.ts';

export type CheckedTemplate = { name: string; moduleId: string | null; subject: string; html: string };

/**
 * CHA-1: the input as it is stored: HTML through the allow-list, merge fields known in the template's module.
 * @throws invalid with a pointer to subject, html or moduleKey
 */
export async function checkEmailTemplate(tx: OrgTx, input: EmailTemplateInput): Promise<CheckedTemplate> {
	const { name, moduleKey, subject, html: raw } = emailTemplateSchema.parse(input);
	const html = sanitizeEmail(raw);
	const modules = await listModules(tx);
	const module = modules.find((candidate) => candidate.key === moduleKey);
	if (moduleKey !== null && !module)
		throw new DomainError('invalid', 'Choose one of the modules.', '/moduleKey');
	const problemsOf = (text: string): string[] => {
		const template = parseTemplate(text);
		if (!module) return template.problems.map((problem) => problem.message).concat(namesModule(template));
		const related = Object.fromEntries(
			module.fields
				.filter((field) => field.lookupModuleKey !== null)
				.map((field) => [
					field.key,
					modules.find((candidate) => candidate.key === field.lookupModuleKey)?.fields ?? []
				])
		);
		return checkTemplate(template, mergeContextOf(module, module.fields, related));
	};
	for (const [pointer, text] of [
		['/subject', subject],
		['/html', html]
	] as const) {
		const [problem] = problemsOf(text);
		if (problem) throw new DomainError('invalid', problem, pointer);
	}
	return { name, moduleId: module?.id ?? null, subject, html };
}

const everywhere: ReadonlySet<string> = new Set(['record', 'owner', 'sender', 'organization']);

/** A template for every module names the record as `record`, whatever its module is. */
const namesModule = (template: Template): string[] =>
	mergeFieldsOf(template)
		.filter((field) => !everywhere.has(field.path[0]!))
		.map(({ source, path }) => `${source}: choose a module for the template, or write record.${path[1]}.`);
