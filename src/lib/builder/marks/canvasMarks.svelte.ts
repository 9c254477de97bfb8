import { createContext } from 'svelte';

/** What a card is marked as: in the simulator, against the live version, between two versions. */
export type MarkTone = 'current' | 'passed' | 'skipped' | 'failed' | 'added' | 'changed' | 'removed' | 'new';
export type NodeMark = {
	tone: MarkTone;
	/** The word on the card: never by colour alone. */
	label: string;
};
export type EdgeMark = 'passed' | 'next' | 'added' | 'changed' | 'removed';

export type Marks = {
	nodes: ReadonlyMap<string, NodeMark>;
	edges: ReadonlyMap<string, EdgeMark>;
	/** What carries no mark steps back. */
	dim: boolean;
};

/** Marks on one canvas. Whoever shows them takes them away again. */
export class CanvasMarks {
	shown = $state.raw<Marks | null>(null);

	node(id: string): NodeMark | undefined {
		return this.shown?.nodes.get(id);
	}
	edge(id: string): EdgeMark | undefined {
		return this.shown?.edges.get(id);
	}
	get dims(): boolean {
		return this.shown?.dim ?? false;
	}
}

export const [useMarks, provideMarks] = createContext<CanvasMarks>();
