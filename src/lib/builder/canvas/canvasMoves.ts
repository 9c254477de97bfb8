import { tick } from 'svelte';
import type { Violation } from '#lib/domain/plan/plan.ts';
import type { Builder } from '../builder.svelte.ts';
import { walk, type Direction } from '../graph/walk.ts';
import type { SideView } from '../panels/sideView.svelte.ts';
import type { CanvasView } from './canvasView.ts';

type Parts = { builder: Builder; view: CanvasView; side: SideView; stage: () => HTMLElement | null };

/** Going somewhere on the canvas: selection, camera and focus together. */
type CanvasMoves = {
	/** Gives the focus to a card, or to the canvas. */
	focusCard: (id: string | undefined) => void;
	select: (id: string) => Promise<void>;
	/** Selects a step and flies there. */
	goTo: (id: string) => Promise<void>;
	/** GRA-9: to the place of a problem, its panel open at the field. */
	goToProblem: (problem: Violation) => void;
	/** Opens the panel and gives the focus to the first of these in it. */
	focusPanel: (what: string) => void;
	walkTo: (direction: Direction) => void;
	/** Adds the next step in that direction to the selection. */
	extend: (direction: Direction) => void;
	/** The bell leads to a comment. */
	showComment: (id: string) => void;
};

export function canvasMoves({ builder, view, side, stage }: Parts): CanvasMoves {
	function focusCard(id: string | undefined) {
		const card = id && stage()?.querySelector<HTMLElement>(`.svelte-flow__node[data-id="${id}"]`);
		(card || stage())?.focus({ preventScroll: true });
	}
	async function select(id: string) {
		builder.select([id]);
		view.reveal(id);
		await tick();
		focusCard(id);
	}
	async function goTo(id: string) {
		await select(id);
		view.flyToNode(id);
	}
	function focusField(field?: string) {
		if (!field) return;
		// After a dialog it came from has given its focus back.
		setTimeout(() => {
			// `unenroll.outcomes.2` is shown by the field `unenroll.outcomes`.
			const parts = field.split('.');
			const places = parts.map((_, index) => {
				const name = parts.slice(0, parts.length - index).join('.');
				return document.querySelector(`[data-panel] [data-field="${CSS.escape(name)}"]`);
			});
			const place = places.find((found) => found !== null);
			place?.scrollIntoView({ block: 'center' });
			place?.querySelector<HTMLElement>('input, textarea, button')?.focus({ preventScroll: true });
		}, 80);
	}
	function goToProblem({ at }: Violation) {
		builder.comments.scope = null;
		side.problems = false;
		side.sheet = true;
		if ('node' in at) {
			void goTo(at.node);
			focusField(at.field);
		} else if ('edge' in at) {
			builder.select([], at.edge);
			view.flyToEdge(at.edge);
		} else {
			builder.select([]);
			focusField('settings' in at ? at.settings : undefined);
		}
	}
	function walkTo(direction: Direction) {
		const focus = builder.focus;
		// From a branch, up and down lead to its two ends.
		const edge = focus.kind === 'edge' ? builder.draft.edges[focus.key] : undefined;
		const next = edge
			? direction === 'up'
				? edge.source
				: edge.target
			: walk(builder.draft, builder.selectedIds[0] ?? null, direction);
		if (next) void select(next);
	}
	function extend(direction: Direction) {
		const next = walk(builder.draft, builder.selectedIds.at(-1) ?? null, direction);
		if (!next) return;
		builder.select([...builder.selectedIds.filter((id) => id !== next), ...builder.selectedNotes, next]);
		view.reveal(next);
	}
	function focusPanel(what: string) {
		side.sheet = true;
		setTimeout(() => document.querySelector('[data-panel]')?.querySelector<HTMLElement>(what)?.focus(), 30);
	}
	function showComment(id: string) {
		const node = builder.comments.threadOf(id)?.node ?? null;
		builder.comments.scope = { node: null, thread: id };
		if (node && builder.node(node)) void goTo(node);
	}
	return { focusCard, select, goTo, goToProblem, focusPanel, walkTo, extend, showComment };
}
