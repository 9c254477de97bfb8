import { createContext, untrack } from 'svelte';
import type * as Y from 'yjs';
import type { Presence } from '#lib/collab/awareness.ts';
import type { Dropped } from '#lib/collab/document.ts';
import { createUndoManager } from '#lib/collab/undo.ts';
import { isActionKind } from '#lib/domain/cadence/responses.ts';
import type { Draft, DraftEdge, DraftNode } from '#lib/domain/cadence/draft.ts';
import { isDomainError } from '#lib/domain/errors.ts';
import { followUpNumbers } from '#lib/domain/plan/graph.ts';
import type { Violation } from '#lib/domain/plan/plan.ts';
import { checkReadable } from '#lib/domain/plan/checkReadable.ts';
import { validateDraft } from '#lib/domain/plan/validateDraft.ts';
import type { StickyNote } from '#lib/collab/stickyNotes.ts';
import type { CountedAudience } from './audience/countAudience.ts';
import type { BuilderContext } from './builderContext.ts';
import { CanvasComments } from './comments/canvasComments.svelte.ts';
import { followDraft } from './draftFeed.ts';
import { bandsOf } from './graph/bands.ts';
import type { Box } from './graph/freePlace.ts';
import { flowEdges, flowNodes, keepList, type FlowEdge } from './graph/flowNodes.ts';
import { CanvasNotes } from './notes/canvasNotes.ts';
import { isStep, isSticky, stickyNodes, type CanvasNode } from './notes/stickyNodes.ts';
import { problemCounts } from './graph/problemCounts.ts';
import { stackedPlaces } from './graph/stackedPlaces.ts';
import type { AddableKind } from './operations/stepKinds.ts';
import { responseSource } from './words/responseSource.ts';
import { edgeResponseWords } from './words/responseWords.ts';
import { nodeLabel, nodeWords } from './words/nodeWords.ts';
import { CanvasPresence, type PresenceChannel } from './presence/presence.svelte.ts';

/** What the right panel shows. Nothing selected: the cadence's settings. */
export type Focus = { kind: 'node'; id: string } | { kind: 'edge'; key: string } | { kind: 'settings' };

export type BuilderOptions = {
	doc: Y.Doc;
	presence: PresenceChannel;
	context: BuilderContext;
	/** Tells a person why an edit was refused. */
	onRefused: (message: string) => void;
	/** Two states at once make no valid draft: their problems say nothing. */
	validates?: boolean;
};

/** Validation may wait a little longer than a frame: people read problems, they do not drag them. */
const validateAfterMs = 120;

/**
 * The state of one open canvas. The document is the truth; nodes and edges are derived from it once per animation
 * frame. Edits are operations of collab/edits, run through `edit`. Made and destroyed by the page.
 */
export class Builder {
	readonly doc: Y.Doc;
	readonly presence: CanvasPresence;
	readonly comments: CanvasComments;
	readonly undoManager: Y.UndoManager;
	readonly canEdit: boolean;

	context = $state.raw<BuilderContext>() as BuilderContext;
	draft = $state.raw<Draft>() as Draft;
	edges = $state.raw<FlowEdge[]>([]);
	followUps = $state.raw<Map<string, number>>(new Map());
	problems = $state.raw<readonly Violation[]>([]);
	canUndo = $state(false);
	canRedo = $state(false);
	/** The step or note that was just added: the canvas brings it into sight, and keys go on from it. */
	added = $state.raw<{ id: string } | null>(null);
	/** What the audience of this draft comes to; null: not counted since the page was opened. */
	audience = $state.raw<CountedAudience | null>(null);
	readonly audienceCount = $derived(this.audience ? this.audience.matching : this.context.audienceCount);
	/** A branch being drawn: the response picker is open for it. */
	picking = $state.raw<Picking | null>(null);

	/** The search is open. */
	searching = $state(false);
	/** The sticky note whose text is being written. */
	writing = $state<string | null>(null);

	/** Steps only. */
	selectedIds = $state.raw<readonly string[]>([]);
	selectedNotes = $state.raw<readonly string[]>([]);
	stickies = $state.raw<readonly StickyNote[]>([]);
	readonly selectedEdge = $derived(this.edges.find(({ selected }) => selected)?.id ?? null);
	readonly focus = $derived.by((): Focus => {
		const [id, second] = this.selectedIds;
		if (id !== undefined && second === undefined) return { kind: 'node', id };
		if (id === undefined && this.selectedEdge !== null) return { kind: 'edge', key: this.selectedEdge };
		return { kind: 'settings' };
	});
	readonly bands = $derived(bandsOf(this.draft, this.followUps));
	readonly errorCount = $derived(this.problems.filter(({ severity }) => severity === 'error').length);
	readonly actionCount = $derived(
		Object.values(this.draft.nodes).filter(({ kind }) => isActionKind(kind)).length
	);

	#nodes = $state.raw<CanvasNode[]>([]);
	readonly #onRefused: (message: string) => void;
	readonly #validates: boolean;
	#sizing: Presence['sizing'] = null;
	#stacked = new Map<string, [number, number]>();
	#dropped: readonly Dropped[] = [];
	readonly #notes: CanvasNotes;
	readonly #edgeWords = new WeakMap<
		DraftEdge,
		{ source: DraftNode; publish: BuilderContext['publish']; words: string }
	>();
	readonly #feed: ReturnType<typeof followDraft>;
	#validating: ReturnType<typeof setTimeout> | undefined;

	constructor({ doc, presence, context, onRefused, validates = true }: BuilderOptions) {
		this.#validates = validates;
		this.doc = doc;
		this.context = context;
		this.canEdit = context.canEdit;
		this.#onRefused = onRefused;
		this.presence = new CanvasPresence(presence, context.me.id);
		this.comments = new CanvasComments(doc);
		this.undoManager = createUndoManager(doc);
		for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const)
			this.undoManager.on(event, this.#stackChanged);
		this.#notes = new CanvasNotes(doc, () => this.#derive());
		this.#feed = followDraft(
			doc,
			({ draft, structure, dropped }) => {
				this.#dropped = dropped;
				this.#take(draft, structure);
			},
			(run) => {
				const frame = requestAnimationFrame(run);
				return () => cancelAnimationFrame(frame);
			}
		);
		this.#dropped = this.#feed.dropped;
		this.#take(this.#feed.draft, true);
	}

	destroy(): void {
		clearTimeout(this.#validating);
		this.#feed.stop();
		this.presence.destroy();
		this.comments.destroy();
		this.#notes.destroy();
		this.undoManager.destroy();
	}

	get nodes(): CanvasNode[] {
		return this.#nodes;
	}
	/**
	 * A drag makes a new list at every move. What is selected is noted here instead of derived from it: else all that
	 * shows the selection (panel, toolbar) would be looked through at every move.
	 */
	set nodes(nodes: CanvasNode[]) {
		this.#nodes = nodes;
		const selected = nodes.filter((node) => node.selected);
		const ids = (of: CanvasNode[]) => of.map(({ id }) => id);
		untrack(() => {
			this.selectedIds = keepList(this.selectedIds, ids(selected.filter(isStep)));
			this.selectedNotes = keepList(this.selectedNotes, ids(selected.filter(isSticky)));
			const notes = nodes.filter(isSticky).map(({ data }) => data.note);
			this.stickies = keepList(this.stickies, notes);
		});
	}

	node(id: string | null): DraftNode | undefined {
		return id === null ? undefined : this.draft.nodes[id];
	}

	/** Runs one edit; what it refuses is told to the person, what is a bug is thrown. View-only people edit nothing. */
	edit<T>(run: (doc: Y.Doc) => T): T | undefined {
		if (!this.canEdit) {
			this.#onRefused('You can watch this cadence, but your profile may not change it.');
			return undefined;
		}
		try {
			return run(this.doc);
		} catch (error) {
			if (!isDomainError(error)) throw error;
			this.#onRefused(error.message);
			return undefined;
		}
	}

	/** Where something lies: what is put down without a hand that points keeps clear of it. */
	get boxes(): Box[] {
		return this.nodes.map(({ position, width = 0, height = 0 }) => ({ ...position, width, height }));
	}

	/** One step of the undo history, whatever was edited just before. */
	editApart<T>(run: (doc: Y.Doc) => T): T | undefined {
		this.undoManager.stopCapturing();
		return this.edit(run);
	}

	undo(): void {
		if (this.canEdit) this.undoManager.undo();
	}
	redo(): void {
		if (this.canEdit) this.undoManager.redo();
	}

	select(nodeIds: readonly string[], edgeKey: string | null = null): void {
		// A node that was added in this very frame is not on the canvas yet.
		this.#feed.flush();
		this.#notes.flush();
		const wanted = new Set(nodeIds);
		this.nodes = this.nodes.map((node) =>
			Boolean(node.selected) === wanted.has(node.id) ? node : { ...node, selected: wanted.has(node.id) }
		);
		this.edges = this.edges.map((edge) =>
			Boolean(edge.selected) === (edge.id === edgeKey) ? edge : { ...edge, selected: edge.id === edgeKey }
		);
	}

	/** Positions that others drag right now, and sizes, count more than the document's. */
	showRemoteDrags(): void {
		this.#deriveNodes(problemCounts(this.problems));
	}

	/** COL-3: others see a note grow while it is resized here; null: it was let go, the document knows its size. */
	resizing(sizing: Presence['sizing']): void {
		this.#sizing = sizing;
		this.presence.update({ sizing });
		if (sizing) return;
		this.#notes.flush();
		this.#deriveNodes(problemCounts(this.problems));
	}

	#take(draft: Draft, structure: boolean) {
		this.draft = draft;
		if (structure) this.followUps = followUpNumbers(draft);
		this.#stacked = stackedPlaces(draft);
		this.#derive();
		if (this.#validates) this.#validating ??= setTimeout(this.#validate, validateAfterMs);
	}

	#derive() {
		const counts = problemCounts(this.problems);
		this.#deriveNodes(counts);
		this.edges = flowEdges(this.draft, this.edges, counts, this.#wordsOf);
	}

	#deriveNodes(counts: ReturnType<typeof problemCounts>) {
		const held = new Map<string, readonly [number, number]>(this.#stacked);
		const sized = new Map<string, readonly [number, number, number, number]>();
		for (const { dragging, sizing } of this.presence.others) {
			for (const [id, at] of Object.entries(dragging ?? {})) held.set(id, at);
			if (sizing) sized.set(sizing.note, sizing.box);
		}
		if (this.#sizing) sized.set(this.#sizing.note, this.#sizing.box);
		const label = (node: DraftNode, followUp: number | undefined) =>
			nodeLabel(node, nodeWords(node, this.context), followUp);
		this.nodes = keepList(this.nodes, [
			...stickyNodes(this.#notes.notes, this.nodes, held, sized),
			...flowNodes(this.draft, this.nodes.filter(isStep), this.followUps, counts, held, this.canEdit, label)
		]);
	}

	/** Of a branch that is what it was, from a step that is what it was: found, not made again. */
	readonly #wordsOf = (source: DraftNode, edge: DraftEdge): string => {
		const { publish } = this.context;
		const known = this.#edgeWords.get(edge);
		if (known?.source === source && known.publish === publish) return known.words;
		const words = edgeResponseWords(responseSource(source, publish), edge);
		this.#edgeWords.set(edge, { source, publish, words });
		return words;
	};

	#validate = () => {
		this.#validating = undefined;
		this.problems = [...checkReadable(this.#dropped), ...validateDraft(this.draft, this.context.publish)];
		this.#derive();
	};

	#stackChanged = () => {
		this.canUndo = this.undoManager.undoStack.length > 0;
		this.canRedo = this.undoManager.redoStack.length > 0;
	};
}

/** Where a new branch begins and what is known of it already. */
export type Picking = {
	source: string;
	response?: { response: string; parameter?: string | undefined };
	/** An existing node to lead to, or a kind that was dropped on the card. */
	target?: string;
	kind?: AddableKind;
};

export const [useBuilder, provideBuilder] = createContext<Builder>();
