import type { Calendar } from '../time/calendar.ts';
import type { Instant } from '../enrollment/state.ts';
import type { Plan } from '../plan/plan.ts';
import type { SimulatedFacts } from './facts.ts';
import type { TemplateTexts } from './texts.ts';

/** VER-7: everything a simulation starts from, as plain JSON: the server reads it, the canvas plays it. */
export type SimulatedWorld = {
	/** Of the plan: another one means that the draft was changed meanwhile. */
	sha256: string;
	plan: Plan;
	calendar: Omit<Calendar, 'holidays'> & { holidays: string[] };
	/** The product's clock, or the instant that was asked for. */
	now: Instant;
	facts: SimulatedFacts;
	templates: TemplateTexts;
	people: Record<string, ActionPeople>;
	record: { id: string | null; name: string };
	/** ENR-2: the record matches the audience; null: manual enrollment, or the view cannot be evaluated. */
	inView: boolean | null;
	/** Facts have to be read again as time passes: conditions and un-enrollment look at the record. */
	timeBound: boolean;
};

/** Who an action comes from, goes to or belongs to, in words; null: nobody, or not found. */
export type ActionPeople = {
	from: string | null;
	to: string | null;
	owner: string | null;
	/** GRA-8 [+]: the variant that was chosen, from 0; null: there is one template only. */
	variant: number | null;
};
