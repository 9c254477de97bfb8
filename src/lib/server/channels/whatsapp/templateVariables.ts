import type { WhatsappComponent } from '../../db/schema/channels.ts';

const placeholder = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/** Variables of a template's body in order: "1", "2", ... or names. */
export const bodyVariables = (components: readonly WhatsappComponent[]): string[] => {
	const body = components.find((component) => component.type === 'BODY');
	return [...new Set([...(body?.text ?? '').matchAll(placeholder)].map((match) => match[1]!))];
};

/** Texts of its quick-reply buttons with their place; each carries its own text as payload, which a reply gives back. */
export const quickReplies = (components: readonly WhatsappComponent[]): { index: number; text: string }[] =>
	(components.find((component) => component.type === 'BUTTONS')?.buttons ?? [])
		.map((button, index) => ({ ...button, index }))
		.filter((button) => button.type === 'QUICK_REPLY')
		.map(({ index, text }) => ({ index, text }));

/** The text as the person reads it. */
export const fillBody = (
	components: readonly WhatsappComponent[],
	values: Record<string, string>
): string => {
	const body = components.find((component) => component.type === 'BODY');
	return (body?.text ?? '').replace(placeholder, (_, name: string) => values[name] ?? '');
};
