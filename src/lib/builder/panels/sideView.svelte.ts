import { untrack } from 'svelte';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import type { Builder } from '../builder.svelte.ts';

/** What the right panel is turned to, beside the selection; at phone width it is a sheet that is opened by a tap. */
export class SideView {
	/** The list of problems. */
	problems = $state(false);
	sheet = $state(false);
	readonly #builder: Builder;

	constructor(builder: Builder) {
		this.#builder = builder;
		// Selecting something shows its properties instead of the list of problems.
		const selected = $derived([...builder.selectedIds, builder.selectedEdge ?? ''].join(' ').trim());
		$effect(() => {
			if (!selected) return;
			untrack(() => {
				this.problems = false;
				// What a search finds on the way is not covered by a sheet.
				this.sheet = this.sheet || !builder.searching;
			});
		});
		// Comments on one step follow the selection.
		$effect(() => {
			const [id, second] = builder.selectedIds;
			if (id !== undefined && second === undefined && untrack(() => builder.comments.scope?.node))
				builder.comments.scope = { node: id };
		});
		$effect(() => {
			if (builder.comments.scope) this.sheet = true;
		});
	}

	toggleProblems(): void {
		const { comments } = this.#builder;
		// Behind the comments it is open and not seen.
		this.problems = comments.scope !== null || !this.problems;
		comments.scope = null;
		this.sheet = this.problems || this.sheet;
	}

	toggleComments(): void {
		const { comments, selectedIds } = this.#builder;
		const [id, second] = selectedIds;
		const one = id !== undefined && second === undefined && id !== startNodeId;
		// On a phone what was said would be hidden by the keyboard before it was read.
		const write = matchMedia('(max-width: 767px)').matches ? {} : { write: true as const };
		comments.scope = comments.scope ? null : { node: one ? id : null, ...write };
		this.sheet = comments.scope !== null;
		this.problems = false;
	}

	toggleSettings(): void {
		this.#builder.select([]);
		this.problems = false;
		this.#builder.comments.scope = null;
		this.sheet = !this.sheet;
	}

	close(): void {
		this.problems = this.sheet = false;
		this.#builder.comments.scope = null;
	}
}
