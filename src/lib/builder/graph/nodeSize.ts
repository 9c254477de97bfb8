import type { NodeKind } from '#lib/domain/cadence/draft.ts';

/** Canvas units. Cards have a fixed size so that layout, drops and bands need no measuring. */
export const nodeSize: Record<NodeKind, { width: number; height: number }> = {
	start: { width: 264, height: 80 },
	email: { width: 264, height: 84 },
	task: { width: 264, height: 84 },
	call: { width: 264, height: 84 },
	whatsapp: { width: 264, height: 84 },
	updateField: { width: 264, height: 64 },
	tags: { width: 264, height: 64 },
	changeOwner: { width: 264, height: 64 },
	webhook: { width: 264, height: 64 },
	enroll: { width: 264, height: 64 },
	/** Three cases have room. */
	condition: { width: 264, height: 108 },
	exit: { width: 132, height: 76 }
};

/** From the top of one follow-up to the top of the next: a card, its stubs and the label of a branch. */
export const rowHeight = 196;
export const columnGap = 44;
