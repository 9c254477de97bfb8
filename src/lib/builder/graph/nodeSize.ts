import type { NodeKind } from '#lib/domain/cadence/draft.ts';

/** Canvas units. Cards have a fixed size so that layout, drops and bands need no measuring. */
export const nodeSize: Record<NodeKind, { width: number; height: number }> = {
	start: { width: 264, height: 84 },
	email: { width: 264, height: 96 },
	task: { width: 264, height: 96 },
	call: { width: 264, height: 96 },
	whatsapp: { width: 264, height: 96 },
	exit: { width: 132, height: 76 }
};

/** From the top of one follow-up to the top of the next: a card, its stubs and the label of a branch. */
export const rowHeight = 208;
export const columnGap = 44;
