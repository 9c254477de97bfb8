import type { ParamMatcher } from '@sveltejs/kit';

/** The key of a module as an address shows it; whether it exists is for the page to say. Fixed routes win over it. */
export const match: ParamMatcher = (param) => /^[a-z][A-Za-z0-9-]{1,59}$/.test(param);
