import adapter from '@sveltejs/adapter-node';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
const config = {
	preprocess: vitePreprocess(),
	compilerOptions: {
		// Our files use runes only; packages decide for themselves.
		runes: ({ filename }) => (filename.split(/[/\\]/).includes('node_modules') ? undefined : true)
	},
	kit: {
		// A server goes on with the files it began with while another build is made: one folder per build.
		adapter: adapter({ precompress: false, out: process.env.CADENZA_BUILD || 'build/manual' }),
		csp: {
			mode: 'nonce',
			directives: {
				'default-src': ['self'],
				'script-src': ['self'],
				// Positions on the canvas and floating panels are inline style attributes.
				'style-src': ['self', 'unsafe-inline'],
				'img-src': ['self', 'data:', 'blob:'],
				'font-src': ['self', 'data:'],
				'connect-src': ['self'],
				'worker-src': ['self', 'blob:'],
				'frame-src': ['self'],
				'object-src': ['none'],
				'base-uri': ['none'],
				'frame-ancestors': ['none'],
				'form-action': ['self']
			}
		},
		typescript: {
			// Kit checks src and tests by itself, but not the other processes and the configuration.
			config: (tsconfig) => ({
				...tsconfig,
				include: [
					...tsconfig.include,
					'../worker/**/*.ts',
					'../scripts/**/*.ts',
					'../tests/**/*.ts',
					'../*.config.ts'
				]
			})
		}
	}
};

export default config;
