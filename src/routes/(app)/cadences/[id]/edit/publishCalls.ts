import type { PublishInput } from '#lib/domain/cadence/publish.ts';
import type { PublishPreview } from '#lib/server/cadences/previewPublish.ts';

export type { PublishPreview };
export type Published = { n: number; state: 'active' | 'inactive' };
export type Refusal = { message: string };

async function call<T>(cadenceId: string, init: RequestInit): Promise<T | Refusal> {
	const lost = { message: 'The server cannot be reached. Nothing was published. Try again.' };
	const response = await fetch(`/cadences/${cadenceId}/publish`, init).catch(() => null);
	if (!response) return lost;
	const body: unknown = await response.json().catch(() => null);
	if (response.ok) return body as T;
	const message = body && typeof body === 'object' && 'message' in body ? String(body.message) : lost.message;
	return { message };
}

export const loadPreview = (cadenceId: string): Promise<PublishPreview | Refusal> =>
	call(cadenceId, { headers: { accept: 'application/json' } });

export const sendPublish = (
	cadenceId: string,
	input: Omit<PublishInput, 'cadenceId'>
): Promise<Published | Refusal> =>
	call(cadenceId, {
		method: 'POST',
		headers: { 'content-type': 'application/json', accept: 'application/json' },
		body: JSON.stringify(input)
	});
