/** What a Y.Text event tells: keep, insert or delete a stretch. */
export type DeltaStep = { retain?: number; insert?: unknown; delete?: number };

/** Where a caret at `at` stands after somebody else's change (COL-1): text before it pushes it along. */
export function moveCaret(at: number, delta: readonly DeltaStep[]): number {
	let caret = at;
	let index = 0;
	for (const step of delta) {
		if (step.retain !== undefined) index += step.retain;
		else if (typeof step.insert === 'string') {
			if (index < caret) caret += step.insert.length;
			index += step.insert.length;
		} else if (step.delete !== undefined && index < caret) caret = Math.max(index, caret - step.delete);
	}
	return caret;
}
