/**
 * RELIABILITY.md 4, CSRF: Kit looks at form content types only, so every request that may change something must show
 * that it comes from our own pages. What other servers send (webhooks, one-click unsubscribe) is taken before Kit.
 */
export function comesFromOurPages(method: string, headers: Headers, ownOrigin: string): boolean {
	if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return true;
	const origin = headers.get('origin');
	if (origin !== null) return origin === ownOrigin;
	return headers.get('sec-fetch-site') === 'same-origin';
}

/** A path of this site to go to after sign-in; anything that could lead elsewhere becomes `/`. */
export function safeReturnPath(path: string | null): string {
	if (!path?.startsWith('/') || /^\/[/\\]/.test(path) || /[^ -~]|\\/.test(path)) return '/';
	const base = 'http://here.invalid';
	return URL.canParse(path, base) && new URL(path, base).origin === base && !path.startsWith('/login')
		? path
		: '/';
}
