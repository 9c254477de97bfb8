import { dev } from '$app/environment';
import { error } from '@sveltejs/kit';
import type { PageLoad } from './$types';

/** Canvas fixtures, for development only. In production the server itself answers 404. */
export const ssr = !dev;

export const load: PageLoad = ({ url }) => {
	if (!dev) error(404, { message: 'Not Found' });
	return {
		fixture: url.searchParams.get('fixture') ?? 'mainJob',
		view: url.searchParams.has('view'),
		alone: url.searchParams.has('alone')
	};
};
