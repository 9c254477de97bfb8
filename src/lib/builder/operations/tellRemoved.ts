import { toast } from 'svelte-sonner';
import { plural } from '#lib/ui/plural.ts';
import type { Builder } from '../builder.svelte.ts';
import type { Removed } from './removeSelection.ts';
import { takeBack } from './takeBack.ts';

/** What was copied or deleted, counted. */
export const listed = ({ steps, branches, notes }: Omit<Removed, 'rejoin'>): string =>
	[
		steps && plural(steps, 'step'),
		branches && plural(branches, 'branch', 'branches'),
		notes && plural(notes, 'note')
	]
		.filter((part) => part !== 0)
		.join(' and ');

/** COL-4: says what went, and offers it back; where one way led on, also to join what was before and after. */
export function tellRemoved(builder: Builder, removed: Removed): void {
	const { rejoin } = removed;
	const back = takeBack(builder);
	toast(`Deleted ${listed(removed)}`, {
		action: { label: 'Undo', onClick: back },
		...(rejoin && { cancel: { label: 'Join around it', onClick: () => back() && rejoin() } })
	});
}
