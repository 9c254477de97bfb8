import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';
import { devHandlers } from './scripts/devHandlers.ts';

export default defineConfig({
	plugins: [devHandlers(), tailwindcss(), sveltekit()],
	server: { strictPort: true },
	build: { chunkSizeWarningLimit: 1500 },
	test: {
		expect: { requireAssertions: true },
		projects: [
			{
				extends: true,
				test: {
					name: 'unit',
					environment: 'node',
					include: [
						'src/**/*.test.ts',
						'worker/**/*.test.ts',
						'scripts/**/*.test.ts',
						'tests/unit/**/*.test.ts'
					],
					exclude: ['src/**/*.svelte.test.ts']
				}
			},
			{
				extends: true,
				test: {
					name: 'integration',
					environment: 'node',
					include: ['tests/{integration,scenarios}/**/*.test.ts'],
					globalSetup: ['tests/support/globalSetup.ts'],
					testTimeout: 30_000,
					hookTimeout: 60_000,
					maxWorkers: 2
				}
			}
		]
	}
});
