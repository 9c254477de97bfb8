/** `{{1}}` or `{{name}}` in a WhatsApp template: a place that an action fills, not a merge field. */
const placeholder = /\{\{\s*(\w{1,40})\s*\}\}/g;

/** Their names, in order and each once. */
export const placeholdersIn = (text: string): string[] => [
	...new Set([...text.matchAll(placeholder)].map(([, name]) => name!))
];

/** `{{1}}` becomes the merge text that the action maps it to; what it maps to nothing stays. */
export const fillPlaceholders = (text: string, variables: Readonly<Record<string, string>>): string =>
	text.replace(placeholder, (tag, name: string) => (Object.hasOwn(variables, name) ? variables[name]! : tag));
