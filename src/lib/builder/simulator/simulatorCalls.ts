import { z } from 'zod';
import { postJson } from '#lib/components/postJson.ts';
import type { FieldValue } from '#lib/components/fieldShape.ts';
import type { SimulatedWorld } from '#lib/domain/simulator/world.ts';

/** What the server is asked: which record, with which values, at which instant, after which actions. */
export type WorldQuestion = {
	recordId: string | null;
	values: Record<string, FieldValue>;
	seed: string;
	at?: string;
	executed?: string[];
};

/** Our own server's answer: its shape is the operation's, only that there is one is checked. */
const answer = z.custom<SimulatedWorld>(
	(value) => typeof value === 'object' && value !== null && 'plan' in value && 'facts' in value
);

export const loadWorld = (cadenceId: string, question: WorldQuestion) =>
	postJson(`/cadences/${cadenceId}/simulate`, question, answer);
