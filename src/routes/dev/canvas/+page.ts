import { dev } from '$app/environment';
import { error } from '@sveltejs/kit';
import type { PageLoad } from './$types';

/** Canvas fixtures, for development only. */
export const ssr = false;

export const load: PageLoad = ({ url }) => {
	if (!dev) error(404, 'Not Found');
	return {
		fixture: url.searchParams.get('fixture') ?? 'mainJob',
		view: url.searchParams.has('view'),
		alone: url.searchParams.has('alone')
	};
};
