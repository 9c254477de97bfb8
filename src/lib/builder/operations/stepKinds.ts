import type { ActionKind } from '#lib/domain/cadence/responses.ts';

/** What a person can put on the canvas. */
export type AddableKind = ActionKind | 'condition' | 'exit';

/** In the order of the palette, the "+" menus and the picker. */
export const stepGroups = [
	{ label: 'Steps', kinds: ['email', 'call', 'task', 'whatsapp'] },
	{ label: 'Automation', kinds: ['updateField', 'tags', 'changeOwner', 'webhook', 'enroll'] },
	{ label: 'Ways', kinds: ['condition', 'exit'] }
] as const satisfies readonly { label: string; kinds: readonly AddableKind[] }[];

export const stepKinds: readonly AddableKind[] = stepGroups.flatMap(({ kinds }): AddableKind[] => [...kinds]);
export const isAddable = (value: string): value is AddableKind =>
	(stepKinds as readonly string[]).includes(value);

export const stepHints: Record<AddableKind, string> = {
	email: 'Sends a template',
	call: 'Reminds a person to call',
	task: 'Gives a person a task',
	whatsapp: 'Sends an approved template',
	updateField: 'Sets a field of the record',
	tags: 'Adds and removes tags',
	changeOwner: 'Gives the record to somebody',
	webhook: 'Tells another system',
	enroll: 'Puts the record into another cadence',
	condition: 'Chooses the way by the record',
	exit: 'Un-enrolls the record'
};
