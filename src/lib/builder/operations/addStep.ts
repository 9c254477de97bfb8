import type { EdgeSource } from '#lib/collab/edgeKeys.ts';
import { addAction } from '#lib/collab/edits/addAction.ts';
import { addBranch } from '#lib/collab/edits/addBranch.ts';
import type { Delay } from '#lib/domain/time/delay.ts';
import type { Builder } from '../builder.svelte.ts';
import { findSpot } from '../graph/findSpot.ts';
import { defaultDelay } from '../words/defaultDelay.ts';
import { presetNode } from './presetNode.ts';
import type { AddableKind } from './stepKinds.ts';

export type AddStep = {
	kind: AddableKind;
	/** Omitted: the step stands alone until a branch leads to it. */
	from?: EdgeSource;
	delay?: Delay;
	at?: [number, number];
};

/** COL-4: adds a step, connects it and selects it, in one step of the undo history. Answers its id. */
export function addStep(builder: Builder, { kind, from, delay, at }: AddStep): string | undefined {
	const position = at ?? (from ? findSpot(builder.draft, from.source, kind) : [0, 0]);
	const node = builder.editApart((doc) =>
		addAction(doc, {
			node: { kind, position, ...presetNode(kind, builder.context.publish) },
			from,
			delay: from ? (delay ?? defaultDelay(from.response)) : undefined
		})
	);
	if (!node) return undefined;
	builder.select([node.id]);
	builder.added = { id: node.id };
	return node.id;
}

/** GRA-3: leads a free response to a step that is there already. Answers the branch key. */
export function joinStep(
	builder: Builder,
	{ from, target, delay }: { from: EdgeSource; target: string; delay?: Delay }
): string | undefined {
	const key = builder.editApart((doc) =>
		addBranch(doc, { from, target, delay: delay ?? defaultDelay(from.response) })
	);
	if (key !== undefined) builder.select([], key);
	return key;
}
