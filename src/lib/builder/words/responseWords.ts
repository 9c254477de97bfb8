import type { DraftEdge, NodeKind } from '#lib/domain/cadence/draft.ts';
import { channels, responsesByKind, type Channel, type ResponseRef } from '#lib/domain/cadence/responses.ts';

/** How good a response is for the sender: the colour of its chip. Words and icon carry the meaning. */
export type ResponseTone = 'plain' | 'good' | 'bad' | 'quiet';

const tones: Partial<Record<ResponseRef['response'], ResponseTone>> = {
	opened: 'good',
	clicked: 'good',
	replied: 'good',
	read: 'good',
	delivered: 'good',
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
	notRead: 'quiet'
};

export const responseTone = (response: string): ResponseTone =>
	tones[response as ResponseRef['response']] ?? 'plain';

const isChannel = (kind: NodeKind): kind is Channel => (channels as readonly string[]).includes(kind);

/** `Replied`, `Busy` (a call result), `Clicked: link 2`, `Bounced: hard`. */
export function responseWords(
	kind: NodeKind | undefined,
	ref: { response: string; parameter?: string | undefined }
) {
	if (ref.response === 'entry') return 'Enrolled';
	const definition =
		kind && isChannel(kind)
			? responsesByKind[kind].find((candidate) => candidate.kind === ref.response)
			: undefined;
	const label = definition?.label ?? ref.response;
	if (ref.parameter === undefined) return label;
	if (definition?.parameter === 'required') return ref.parameter;
	if (ref.response === 'clicked') return `Clicked: link ${ref.parameter}`;
	return `${label}: ${ref.parameter}`;
}

export const isNegative = (kind: NodeKind | undefined, response: string): boolean =>
	kind !== undefined &&
	isChannel(kind) &&
	responsesByKind[kind].some(
		(candidate) => candidate.kind === response && candidate.negativeOf !== undefined
	);

/** The label of a branch: every response that takes it, `Opened or Clicked`. */
export const edgeResponseWords = (kind: NodeKind | undefined, edge: DraftEdge): string =>
	[edge, ...edge.also].map((ref) => responseWords(kind, ref)).join(' or ');
