import { SvelteSet } from 'svelte/reactivity';

/**
 * Which rows of a list are chosen: single ids, which survive paging, or all N of the view. Ranges go from the row
 * that was toggled last to the one toggled with Shift.
 */
export class ListSelection {
	readonly ids = new SvelteSet<string>();
	/** Everything that matches, not only what was ticked. */
	all = $state(false);
	#last: string | null = null;

	has(id: string): boolean {
		return this.all || this.ids.has(id);
	}

	get isEmpty(): boolean {
		return !this.all && this.ids.size === 0;
	}

	/** Ticks or unticks `id`; with `range`, every row between it and the last one toggled gets the same state. */
	toggle(id: string, rows: readonly string[], range = false): void {
		if (this.all) {
			// Taking one away from "all N" goes back to what is on this page.
			this.all = false;
			for (const row of rows) this.ids.add(row);
		}
		const on = !this.ids.has(id);
		const from = range && this.#last !== null ? rows.indexOf(this.#last) : -1;
		const to = rows.indexOf(id);
		const touched = from === -1 || to === -1 ? [id] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
		for (const row of touched) {
			if (on) this.ids.add(row);
			else this.ids.delete(row);
		}
		this.#last = id;
	}

	/** The head's checkbox: the whole page on, or off when it is on already. */
	togglePage(rows: readonly string[]): void {
		if (this.all) return this.clear();
		const on = rows.some((row) => !this.ids.has(row));
		for (const row of rows) {
			if (on) this.ids.add(row);
			else this.ids.delete(row);
		}
	}

	selectAll(): void {
		this.all = true;
		this.ids.clear();
	}

	clear(): void {
		this.all = false;
		this.ids.clear();
		this.#last = null;
	}
}
