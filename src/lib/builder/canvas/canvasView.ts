import type { useSvelteFlow } from '@xyflow/svelte';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { nodeSize } from '../graph/nodeSize.ts';

/** Moves of the camera that the panels, the keyboard and the toolbar share. */
export type CanvasView = {
	zoomIn: () => void;
	zoomOut: () => void;
	zoomToNormal: () => void;
	fit: () => void;
	/** The first look: everything; where that would be too small to read, the start. */
	open: () => void;
	/** Looks anew when what lies over the canvas changed its size, unless somebody has moved the camera since. */
	settle: () => void;
	/** Brings a step to the middle. */
	flyToNode: (id: string) => void;
	/** Brings a branch, with both its ends, into view. */
	flyToEdge: (key: string) => void;
	/** Moves only when the step is out of sight; `below`: how much of the canvas something lies over at the bottom. */
	reveal: (id: string, below?: number) => void;
	center: () => [number, number];
};

/** As far away as one can look. */
export const minZoom = 0.1;

type Flow = ReturnType<typeof useSvelteFlow>;
type Box = { width: number; height: number };

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * `covered`: how far from the left edge something lies over the canvas. `onMove`: the person wants to look elsewhere.
 */
export function canvasView(
	flow: Flow,
	draft: () => Draft,
	box: () => Box,
	covered: () => number = () => 0,
	onMove: () => void = () => undefined
): CanvasView {
	const move = () => {
		onMove();
		return { duration: calm() ? 0 : 180 };
	};
	// The library's own zoomIn and zoomOut belong to the canvas that was there when the hook was called: none.
	const zoomBy = (factor: number) => void flow.setZoom(flow.getZoom() * factor, move());
	const rect = (id: string) => {
		const node = draft().nodes[id];
		if (node) return { x: node.position[0], y: node.position[1], ...nodeSize[node.kind] };
		const note = flow.getNode(id);
		return note && { ...note.position, width: note.width ?? 0, height: note.height ?? 0 };
	};
	/** Room for what lies over the canvas: follow-up numbers, palette, controls. */
	const free = () => {
		const narrow = box().width < 640;
		return { right: narrow ? 16 : 32, left: Math.max(narrow ? 48 : 64, covered() + 16) };
	};
	/** Brings the start to the middle of that room. */
	const startAt = (zoom: number) => {
		const { left, right } = free();
		const start = rect('start');
		return (left + box().width - right) / 2 - (start ? start.x + start.width / 2 : 0) * zoom;
	};
	let last: { at: { x: number; y: number; zoom: number }; again: () => Promise<void> } | null = null;
	async function fitAll(duration: number) {
		const { left, right } = free();
		const padding = { top: '32px', bottom: '64px', left: `${left}px`, right: `${right}px` } as const;
		await flow.fitView({ padding, maxZoom: 1, duration });
		const nodes = Object.values(draft().nodes);
		const places = nodes.map(({ position }) => position[0]);
		const { zoom, ...at } = flow.getViewport();
		// A short cadence begins at the top, where the next step has room below it.
		const top = Math.min(...nodes.map(({ position }) => position[1]));
		const y = Math.min(at.y, 56 - top * zoom);
		// One that is too wide for the whole of it is seen from its start, with nothing empty beside it.
		const first = Math.min(...places);
		const end = Math.max(...nodes.map(({ kind, position }) => position[0] + nodeSize[kind].width));
		const [low, high] = [box().width - right - end * zoom, left - first * zoom];
		const x = low < high - 1 ? Math.min(high, Math.max(low, startAt(zoom))) : at.x;
		if (x !== at.x || y !== at.y) await flow.setViewport({ x, y, zoom }, { duration });
		last = { at: flow.getViewport(), again: () => fitAll(0) };
	}
	async function open() {
		await fitAll(0);
		const start = rect('start');
		if (!start || flow.getZoom() >= 0.5) return;
		const zoom = box().width < 640 ? 0.75 : 0.6;
		await flow.setViewport({ x: startAt(zoom), y: 48 - start.y * zoom, zoom });
		last = { at: flow.getViewport(), again: open };
	}
	function flyToNode(id: string) {
		const at = rect(id);
		if (at)
			void flow.setCenter(at.x + at.width / 2, at.y + at.height / 2 + 30, {
				zoom: Math.max(flow.getZoom(), 0.8),
				...move()
			});
	}
	return {
		zoomIn: () => zoomBy(1.2),
		zoomOut: () => zoomBy(1 / 1.2),
		zoomToNormal: () => void flow.setZoom(1, move()),
		fit: () => void fitAll(move().duration),
		open: () => void open(),
		settle: () => {
			const now = flow.getViewport();
			const moved = (['x', 'y', 'zoom'] as const).some((part) => last?.at[part] !== now[part]);
			if (last && !moved) void last.again();
		},
		flyToNode,
		flyToEdge: (key) => {
			const edge = draft().edges[key];
			const nodes = edge ? [edge.source, edge.target].filter((id) => draft().nodes[id]) : [];
			if (nodes.length)
				void flow.fitView({ nodes: nodes.map((id) => ({ id })), padding: 0.3, maxZoom: 1, ...move() });
		},
		reveal: (id, below = 0) => {
			const at = rect(id);
			if (!at) return;
			const { x, y, zoom } = flow.getViewport();
			const { width, height } = box();
			const left = at.x * zoom + x;
			const top = at.y * zoom + y;
			// As little as needed: the place where a person looks should not jump.
			const shift = (from: number, to: number, low: number, high: number) =>
				from < low ? low - from : to > high ? Math.max(low - from, high - to) : 0;
			const dx = shift(left, left + at.width * zoom, free().left, width - 24);
			const dy = shift(top, top + at.height * zoom, 24, height - 96 - below);
			if (dx || dy) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, move());
		},
		center: () => {
			const { x, y, zoom } = flow.getViewport();
			const { width, height } = box();
			return [Math.round((width / 2 - x) / zoom), Math.round((height / 2 - y) / zoom)];
		}
	};
}
