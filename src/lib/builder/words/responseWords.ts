import type { DraftEdge, NodeKind } from '#lib/domain/cadence/draft.ts';
import { responsesByKind, type BranchingKind, type ResponseRef } from '#lib/domain/cadence/responses.ts';
import { caseLabel } from '#lib/domain/plan/checkCondition.ts';
import type { ResponseSource } from './responseSource.ts';

/** How good a response is for the sender: the colour of its chip. Words and icon carry the meaning. */
export type ResponseTone = 'plain' | 'good' | 'bad' | 'quiet';

const tones: Partial<Record<ResponseRef['response'], ResponseTone>> = {
	opened: 'good',
	clicked: 'good',
	replied: 'good',
	read: 'good',
	delivered: 'good',
	done: 'good',
	bounced: 'bad',
	unsubscribed: 'bad',
	failed: 'bad',
	overdue: 'bad',
	cancelled: 'bad',
	notOpened: 'quiet',
	notClicked: 'quiet',
	notReplied: 'quiet',
	notLogged: 'quiet',
	notCompleted: 'quiet',
	notDelivered: 'quiet',
	notRead: 'quiet',
	else: 'quiet'
};

export const responseTone = (response: string): ResponseTone =>
	tones[response as ResponseRef['response']] ?? 'plain';

const definitionOf = (kind: NodeKind | undefined, response: string) =>
	kind && Object.hasOwn(responsesByKind, kind)
		? responsesByKind[kind as BranchingKind].find((candidate) => candidate.kind === response)
		: undefined;

const sourceOf = (source: NodeKind | ResponseSource | undefined): ResponseSource | undefined =>
	typeof source === 'string' ? { kind: source } : source;

/** `Replied`, `Busy` (a call result), `Hot` (a case), `Clicked: Prices`, `Bounced: hard`. */
export function responseWords(
	from: NodeKind | ResponseSource | undefined,
	ref: { response: string; parameter?: string | undefined }
): string {
	if (ref.response === 'entry') return 'Enrolled';
	const source = sourceOf(from);
	const definition = definitionOf(source?.kind, ref.response);
	const label = definition?.label ?? ref.response;
	if (ref.parameter === undefined) return label;
	if (ref.response === 'case') return caseLabel(source?.cases ?? [], ref.parameter);
	if (definition?.parameter === 'required') return ref.parameter;
	if (ref.response === 'clicked') {
		const place = Number(ref.parameter);
		return `Clicked: ${source?.links?.[place] ?? `link ${place + 1}`}`;
	}
	return `${label}: ${ref.parameter}`;
}

export const isNegative = (kind: NodeKind | undefined, response: string): boolean =>
	definitionOf(kind, response)?.negativeOf !== undefined;

/** The label of a branch: every response that takes it, `Opened or Clicked`. */
export const edgeResponseWords = (from: NodeKind | ResponseSource | undefined, edge: DraftEdge): string =>
	[edge, ...edge.also].map((ref) => responseWords(from, ref)).join(' or ');
