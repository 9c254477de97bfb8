import { signedOut } from '#lib/components/signedOut.ts';
import type { PublishInput } from '#lib/domain/cadence/publish.ts';
import type { PublishPreview } from '#lib/server/cadences/previewPublish.ts';

export type { PublishPreview };
export type Published = { n: number; state: 'active' | 'inactive' };
/** `lost`: no answer came; what was asked for may have been done. */
export type Refusal = { message: string; lost: boolean };

async function call<T>(cadenceId: string, init: RequestInit, lost: string): Promise<T | Refusal> {
	const response = await fetch(`/cadences/${cadenceId}/publish`, init).catch(() => null);
	const out = signedOut(response);
	if (out) return { message: out, lost: false };
	const body: unknown = await response?.json().catch(() => null);
	if (response?.ok && body) return body as T;
	return body && typeof body === 'object' && 'message' in body
		? { message: String(body.message), lost: false }
		: { message: lost, lost: true };
}

export const loadPreview = (cadenceId: string): Promise<PublishPreview | Refusal> =>
	call(
		cadenceId,
		{ headers: { accept: 'application/json' } },
		'The server cannot be reached. Check the connection and try again.'
	);

export const sendPublish = (
	cadenceId: string,
	input: Omit<PublishInput, 'cadenceId'>
): Promise<Published | Refusal> =>
	call(
		cadenceId,
		{
			method: 'POST',
			headers: { 'content-type': 'application/json', accept: 'application/json' },
			body: JSON.stringify(input)
		},
		// It may have come through all the same: trying again never publishes twice.
		'No answer came, so it is not known whether it was published. Check the connection and try again: it is not published twice.'
	);
