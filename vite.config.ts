import { fileURLToPath } from 'node:url';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';
import { collabDev } from './scripts/collabDev.ts';
import { devHandlers } from './scripts/devHandlers.ts';
import { resolveBrowser } from './tests/support/browser.ts';
import { playwright } from '@vitest/browser-playwright';

// Only for tests: a build must not unpack a browser.
const browser = process.env.VITEST ? await resolveBrowser() : { args: [] };

export default defineConfig({
	plugins: [devHandlers(), collabDev(), tailwindcss(), sveltekit()],
	server: { strictPort: true },
	build: { chunkSizeWarningLimit: 1500 },
	test: {
		expect: { requireAssertions: true, poll: { timeout: 15_000 } }, // two busy cores
		// Without this, two cores mean one worker for what needs no database.
		maxWorkers: 2,
		// A process for every file spent most of its time on reading the same modules again. What a file leaves in its
		// process, the next one finds: whoever sets a configuration or opens a pool gives it back.
		isolate: false,
		// Tests of crashes start some hundred processes: they find their modules compiled already.
		env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url)) },
		projects: [
			{
				extends: true,
				test: {
					name: 'unit',
					testTimeout: 15_000, // two busy cores
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
					name: 'component',
					include: ['src/**/*.svelte.test.ts'],
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({ launchOptions: browser }),
						instances: [{ browser: 'chromium' }]
					}
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
					// A machine that stalls may be asked again; what is wrong is wrong the first time.
					retry: { count: 1, condition: /timed out/i }
				}
			}
		]
	}
});
