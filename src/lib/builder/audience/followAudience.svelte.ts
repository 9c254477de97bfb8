import { untrack } from 'svelte';
import type { Builder } from '../builder.svelte.ts';
import { countAudience } from './countAudience.ts';

/** Counting looks at every record of the module: not at each key somebody presses. */
const afterMs = 700;

/** GRA-9: counts the audience again whenever the view or the un-enrollment rules of the draft change. */
export function followAudience(builder: Builder): void {
	const { kind, id } = untrack(() => ({
		kind: builder.context.publish.enrollmentKind,
		id: builder.context.cadence.id
	}));
	if (kind !== 'view' || !builder.canEdit) return;
	const asked = $derived.by(() => {
		const { viewId, unenroll } = builder.draft.settings;
		return JSON.stringify([viewId, unenroll]);
	});
	$effect(() => {
		void asked;
		let stale = false;
		const timer = setTimeout(async () => {
			const counted = await countAudience(id, builder.draft.settings);
			if (!stale) builder.audience = counted;
		}, afterMs);
		return () => {
			stale = true;
			clearTimeout(timer);
		};
	});
}
