/**
 * Why the server closed a socket. 4400-4499: trying again by itself cannot help (the client stops); others are
 * tried again. Shared by server and browser.
 */
export const closeCodes = {
	goingAway: 1001,
	badMessage: 4400,
	signedOut: 4401,
	forbidden: 4403,
	notFound: 4404,
	/** The draft was replaced (restore, discard, import): the local copy is of an older generation. */
	replaced: 4409,
	tooLarge: 4413,
	tooMany: 4429,
	/** Loading or storing failed for the moment. */
	tryAgain: 4503,
	tooSlow: 4508
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

export const isFinalClose = (code: number): boolean => (code >= 4400 && code < 4500) || code === 1009;

/** An edit was refused for what it is: whoever offers it again is refused again. */
export const isRefusedEdit = (code: number): boolean =>
	code === closeCodes.badMessage || code === closeCodes.tooLarge || code === 1009;

const texts: Record<number, string> = {
	[closeCodes.badMessage]: 'The server refused an edit of this page. Reload to go on.',
	[closeCodes.signedOut]: 'You are signed out. Sign in to go on.',
	[closeCodes.forbidden]: 'Your permissions changed. Reload the page.',
	[closeCodes.notFound]: 'This cadence is no longer there.',
	[closeCodes.replaced]: 'The draft was replaced by another version. Reload to see it.',
	[closeCodes.tooLarge]: 'This draft is too large to be edited further. Remove steps or shorten texts.',
	[closeCodes.tooMany]: 'Too many open pages or too many edits at once. Close other pages and reload.',
	1009: 'This edit is too large to be stored. Remove steps or shorten texts.'
};

/** The sentence for a person whose connection was closed for good. */
export const closeText = (code: number): string =>
	texts[code] ?? 'The connection to the server was closed. Reload to go on.';
