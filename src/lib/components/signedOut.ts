/** Asked without a session: the answer is the sign-in page, and nothing was done. Null: it is not. */
export const signedOut = (response: Response | null): string | null =>
	response?.redirected && new URL(response.url).pathname === '/login'
		? 'You are signed out. Sign in in another tab, then try again.'
		: null;
