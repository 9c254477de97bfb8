import { z } from 'zod';
import type { EnrollmentActKind } from '#lib/domain/enrollment/possibleActs.ts';
import type { EndReason, EnrollmentStatus } from '#lib/domain/enrollment/state.ts';

/** Everybody on the list as it is filtered, instead of ticked rows. */
type WholeList = { status: EnrollmentStatus | null; reason: EndReason | null; count: number };

/** What somebody is about to do with enrollments of one cadence. */
export type EnrollmentAct = {
	kind: EnrollmentActKind;
	cadenceId: string;
	/** Said where the page is not about this cadence alone. */
	cadenceName?: string;
	rows: readonly { id: string; recordName: string }[];
	all: WholeList | null;
};

/** The runs that an act means, as the server's selection schema reads them. */
export const selectionOf = (act: EnrollmentAct) =>
	act.all
		? { all: true, status: act.all.status, reason: act.all.reason }
		: { enrollmentIds: act.rows.map(({ id }) => id) };

const answer = z.object({ sentence: z.string() });

/** ENR-8: "Why is it not moving?" in one sentence. */
export async function explainStanding(cadenceId: string, enrollmentId: string): Promise<string> {
	const response = await fetch(`/cadences/${cadenceId}/enrollments/why?enrollment=${enrollmentId}`).catch(
		() => null
	);
	if (!response?.ok) return 'The reason could not be read. Try again.';
	return answer.parse(await response.json()).sentence;
}

const choices = z.array(z.object({ id: z.string(), name: z.string() }));
export type ActionChoice = z.infer<typeof choices>[number];

/**
 * ENR-8: the actions one can start at or skip to, in the order in which they come; with an enrollment, those that it can
 * still be sent to. null: they could not be read.
 */
export async function loadActionChoices(
	cadenceId: string,
	enrollmentId?: string
): Promise<ActionChoice[] | null> {
	const query = enrollmentId ? `?enrollment=${enrollmentId}` : '';
	const response = await fetch(`/cadences/${cadenceId}/enrollments/actions${query}`).catch(() => null);
	return response?.ok ? choices.parse(await response.json()) : null;
}
