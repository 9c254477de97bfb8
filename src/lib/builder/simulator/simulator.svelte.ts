import { createContext } from 'svelte';
import type { FieldValue } from '#lib/components/fieldShape.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import type { ResponseRef } from '#lib/domain/cadence/responses.ts';
import type { Failure } from '#lib/domain/enrollment/runEvent.ts';
import type { Instant } from '#lib/domain/enrollment/state.ts';
import { answer } from '#lib/domain/simulator/answer.ts';
import { start, type Simulated } from '#lib/domain/simulator/simulation.ts';
import type { SimulatedWorld } from '#lib/domain/simulator/world.ts';
import { changesOf, happenNext, isOver, nextAt, type Journey } from './journey.ts';
import { loadWorld } from './simulatorCalls.ts';
import type { SimulatorKey } from './simulatorKeys.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Load = typeof loadWorld;

/** VER-7: one person's simulation on an open canvas. Rules are the core's; here is only what a person does with it. */
export class Simulator {
	open = $state(false);
	/** null: a made-up record. */
	recordId = $state<string | null>(null);
	values = $state.raw<Record<string, FieldValue>>({});
	/** Of the chosen record, before it is played too. */
	world = $state.raw<SimulatedWorld | null>(null);
	journey = $state.raw<Journey | null>(null);
	busy = $state(false);
	problem = $state<string | null>(null);
	/** The plan is another one than the stored draft would give. */
	stale = $state(false);
	/** The draft as it was on the canvas when the journey began. */
	played = $state.raw<Draft | null>(null);
	/** Gives the answer with that place in the list; set while answers are shown. */
	onAnswer: ((index: number) => void) | null = null;
	/** Earlier moments, to step back to. */
	#past = $state.raw<readonly Journey[]>([]);
	readonly canGoBack = $derived(this.#past.length > 0);

	readonly #cadenceId: string;
	readonly #load: Load;
	#seed = crypto.randomUUID();
	#asked = 0;
	/** ENR-3 is left aside: somebody wants to see the journey all the same. */
	#anyway = false;

	constructor(cadenceId: string, load: Load = loadWorld) {
		this.#cadenceId = cadenceId;
		this.#load = load;
	}

	/** Does what a key asks for. @returns whether the key was the simulator's */
	press(key: SimulatorKey): boolean {
		const now = this.journey?.simulation.now;
		if (key.do === 'close') this.close();
		else if (now === undefined) return false;
		else if (key.do === 'next') void this.next();
		else if (key.do === 'hour') void this.turnTo(now + HOUR);
		else if (key.do === 'day') void this.turnTo(now + DAY);
		else if (key.do === 'back') this.back();
		else if (key.do === 'reset') this.reset();
		else if (key.do === 'answer') this.onAnswer?.(key.index);
		return true;
	}

	close(): void {
		this.open = false;
		this.journey = null;
		this.#past = [];
	}

	choose(recordId: string | null, values: Record<string, FieldValue> = {}): void {
		this.recordId = recordId;
		this.values = values;
		this.world = null;
		this.journey = null;
		this.problem = null;
	}

	set(key: string, value: FieldValue): void {
		this.values = { ...this.values, [key]: value };
	}
	/** The record's own value counts again. */
	unset(key: string): void {
		const { [key]: _, ...rest } = this.values;
		this.values = rest;
	}

	/** Reads the record as it is chosen now; a slow answer never overwrites a newer one. */
	async look(): Promise<boolean> {
		const ticket = ++this.#asked;
		this.busy = true;
		const { data, problem } = await this.#load(this.#cadenceId, {
			recordId: this.recordId,
			values: this.values,
			seed: this.#seed
		});
		if (ticket !== this.#asked) return false;
		this.busy = false;
		this.problem = problem ?? null;
		this.world = data ?? null;
		return data !== undefined;
	}

	/** Enrolls the record; with `anyway` also one that would be turned away (ENR-3). */
	async begin({
		anyway = false,
		draft = null
	}: { anyway?: boolean; draft?: Draft | null } = {}): Promise<void> {
		if (!(await this.look()) || !this.world) return;
		const { world } = this;
		this.played = draft;
		this.stale = false;
		this.#past = [];
		this.#anyway = anyway;
		const { simulation, steps } = start({
			plan: world.plan,
			calendar: { ...world.calendar, holidays: new Set(world.calendar.holidays) },
			templates: world.templates,
			now: world.now,
			facts: this.#facts(world)
		});
		this.journey = { simulation, steps: steps.map((step) => ({ ...step, people: world.people })) };
	}

	/** The same record from the start, on what the draft is now. */
	again(draft: Draft): Promise<void> {
		return this.begin({ anyway: this.#anyway, draft });
	}

	/** Ends the journey; the record stays chosen. */
	reset(): void {
		this.journey = null;
		this.#past = [];
		this.#seed = crypto.randomUUID();
	}

	back(): void {
		const before = this.#past.at(-1);
		if (!before) return;
		this.journey = before;
		this.#past = this.#past.slice(0, -1);
	}

	/** Lets the next thing happen. */
	next(): Promise<void> {
		return this.#step(async (journey) => {
			const at = nextAt(journey);
			const fresh = at === null ? null : await this.#refresh(journey, at);
			return fresh && happenNext(fresh, this.world?.people ?? {});
		});
	}

	/** Turns the clock; everything on the way happens at its own time. */
	turnTo(until: Instant): Promise<void> {
		return this.#step(async (journey) => {
			let now = journey;
			for (let at = nextAt(now); at !== null && at <= until; at = nextAt(now)) {
				const fresh = await this.#refresh(now, at);
				if (!fresh) return null;
				const moved = happenNext(fresh, this.world?.people ?? {});
				if (moved.steps.length === now.steps.length) break;
				now = moved;
			}
			const { simulation } = now;
			return { ...now, simulation: { ...simulation, now: Math.max(simulation.now, until) } };
		});
	}

	answer(actionId: string, ref: ResponseRef, failure?: Failure): Promise<void> {
		return this.#step((journey) => {
			const happened: Simulated = answer(journey.simulation, {
				...ref,
				actionId,
				...(failure && { failure })
			});
			const people = this.world?.people ?? {};
			const steps = happened.steps.map((step) => ({ ...step, people }));
			return { simulation: happened.simulation, steps: [...journey.steps, ...steps] };
		});
	}

	async #step(move: (journey: Journey) => Journey | null | Promise<Journey | null>): Promise<void> {
		const { journey } = this;
		if (!journey || this.busy) return;
		this.busy = true;
		this.problem = null;
		const moved = await move(journey);
		this.busy = false;
		if (!moved || this.journey !== journey) return;
		this.#past = [...this.#past, journey];
		this.journey = moved;
	}

	/** GRA-10, EXE-2: what decides is read again at the moment it is needed, on the record as actions left it. */
	async #refresh(journey: Journey, at: Instant): Promise<Journey | null> {
		const { world } = this;
		if (!world?.timeBound || isOver(journey)) return journey;
		const { data, problem } = await this.#load(this.#cadenceId, {
			recordId: this.recordId,
			values: this.values,
			seed: this.#seed,
			at: new Date(at).toISOString(),
			executed: changesOf(journey)
		});
		if (!data) {
			this.problem = problem ?? null;
			return null;
		}
		if (data.sha256 !== world.sha256) {
			this.stale = true;
			return null;
		}
		this.world = data;
		return { ...journey, simulation: { ...journey.simulation, facts: this.#facts(data) } };
	}

	#facts({ facts }: SimulatedWorld): SimulatedWorld['facts'] {
		return this.#anyway ? { ...facts, leave: null } : facts;
	}
}

export const [useSimulator, provideSimulator] = createContext<Simulator>();
