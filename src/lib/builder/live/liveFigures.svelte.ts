import { createContext } from 'svelte';
import type { LiveFigures, LiveNode } from '#lib/domain/report/live.ts';

const everyMs = 4_000;

/** Own server: the shape is the operation's. */
async function load(cadenceId: string): Promise<LiveFigures | null> {
	const response = await fetch(`/cadences/${cadenceId}/live`, {
		headers: { accept: 'application/json' }
	}).catch(() => null);
	return response?.ok ? ((await response.json()) as LiveFigures) : null;
}

/** COL-5: the figures over the canvas: read again every few seconds while they are shown and somebody looks. */
export class LiveOverlay {
	on = $state(false);
	figures = $state.raw<LiveFigures | null>(null);
	/** The last try failed; what is shown is older. */
	lost = $state(false);

	readonly #cadenceId: string;
	readonly #load: typeof load;

	constructor(cadenceId: string, read: typeof load = load) {
		this.#cadenceId = cadenceId;
		this.#load = read;
	}

	/** The version whose figures are shown; null: none are. */
	get version(): number | null {
		return this.on ? (this.figures?.version ?? null) : null;
	}
	node(id: string): LiveNode | null {
		return (this.on && this.figures?.nodes[id]) || null;
	}

	async refresh(): Promise<void> {
		const figures = await this.#load(this.#cadenceId);
		this.lost = figures === null;
		if (figures) this.figures = figures;
	}

	/** Reads now and then, until the answer is called. Nobody asks for a page that is not looked at. */
	follow(): () => void {
		const tick = () => {
			if (document.visibilityState === 'visible') void this.refresh();
		};
		tick();
		const timer = setInterval(tick, everyMs);
		document.addEventListener('visibilitychange', tick);
		return () => {
			clearInterval(timer);
			document.removeEventListener('visibilitychange', tick);
		};
	}
}

export const [useLive, provideLive] = createContext<LiveOverlay>();
