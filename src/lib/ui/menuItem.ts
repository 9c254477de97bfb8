import type { Component } from 'svelte';

/** One row of a Menu. `items` makes it a submenu. */
export type MenuItem =
	| 'separator'
	| {
			label: string;
			icon?: Component;
			/** A quiet second line, also the place for "why is this disabled". */
			hint?: string;
			shortcut?: string;
			href?: string;
			onSelect?: () => void;
			disabled?: boolean;
			danger?: boolean;
			checked?: boolean;
			items?: MenuItem[];
	  };
