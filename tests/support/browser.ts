import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface BrowserLaunch {
	/** Absent: Playwright's own browser. */
	executablePath?: string;
	args: string[];
	env?: Record<string, string>;
}

const args = ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb'];
const installed = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'headless_shell'];

/**
 * The Chromium to test with: PLAYWRIGHT_CHROMIUM, else an installed one, else the one inside the npm package
 * @sparticuz/chromium (so that a bare machine needs nothing but the registry), else Playwright's own.
 */
export async function resolveBrowser(): Promise<BrowserLaunch> {
	const named = process.env.PLAYWRIGHT_CHROMIUM;
	if (named) {
		if (!existsSync(named)) throw new Error(`PLAYWRIGHT_CHROMIUM names ${named}, which does not exist.`);
		return { executablePath: named, args };
	}
	for (const folder of (process.env.PATH ?? '')
		.split(':')
		.filter((entry) => !entry.includes('node_modules'))) {
		const found = installed.map((name) => join(folder, name)).find((path) => existsSync(path));
		if (found) return { executablePath: found, args };
	}
	return process.platform === 'linux' && process.arch === 'x64' ? unpackedBrowser() : { args };
}

/** Unpacks below node_modules (the package's own choice is a shared temp folder that it never renews). */
async function unpackedBrowser(): Promise<BrowserLaunch> {
	const cache = fileURLToPath(new URL('../../node_modules/.cache/chromium', import.meta.url));
	await mkdir(cache, { recursive: true });
	const before = process.env.TMPDIR;
	process.env.TMPDIR = cache;
	try {
		const { default: chromium, inflate } = await import('@sparticuz/chromium');
		const bin = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '../bin');
		const executablePath = await chromium.executablePath();
		// A bare Linux lacks libnss3 and its friends and has no font at all; the package unpacks them only on AWS.
		const libs = await inflate(join(bin, 'al2023.tar.br'));
		const fonts = await inflate(join(bin, 'fonts.tar.br'));
		const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]);
		return {
			executablePath,
			args,
			env: {
				...Object.fromEntries(inherited),
				TMPDIR: before ?? '/tmp',
				LD_LIBRARY_PATH: join(libs, 'lib'),
				FONTCONFIG_PATH: existsSync('/etc/fonts/fonts.conf') ? '/etc/fonts' : fonts
			}
		};
	} finally {
		if (before === undefined) delete process.env.TMPDIR;
		else process.env.TMPDIR = before;
	}
}
