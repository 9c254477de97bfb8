/** An address of the queue or the calendar; what is null or empty is left out. */
export function workHref(path: string, parts: Record<string, string | null>): string {
	const params = new URLSearchParams();
	for (const [key, value] of Object.entries(parts)) if (value) params.set(key, value);
	return params.size ? `${path}?${params}` : path;
}

type Kind = 'task' | 'call' | null;

/** Calls, tasks or both: `href` says where each leads. */
export const kindChoices = (kind: Kind, href: (kind: Kind) => string) =>
	(
		[
			{ label: 'All', value: null },
			{ label: 'Calls', value: 'call' },
			{ label: 'Tasks', value: 'task' }
		] as const
	).map(({ label, value }) => ({ label, href: href(value), on: kind === value }));
