import { rm } from 'node:fs/promises';
import { chromium, type Browser, type Page } from '@playwright/test';
import { readRunning, type Running } from '../../scripts/supervisor/running.ts';
import { productFolder, startProduct } from '../e2e/support/product.ts';
import { signIn, type Profile } from '../e2e/support/test.ts';
import { resolveBrowser } from '../support/browser.ts';
import { useConfig } from '../support/config.ts';
import { measureArrival } from './canvas/arrival.ts';
import { startBarePage } from './canvas/barePage.ts';
import { treeOf } from './canvas/drafts.ts';
import { cardOf, drag, drawnNodes, during, recordFrames } from './canvas/frames.ts';
import { placeDraft } from './canvas/place.ts';
import { startOthers } from './canvas/people.ts';
import { measurePublish } from './canvas/publish.ts';
import type { Bench, BenchContext } from './run.ts';
import { median } from './support/median.ts';

const ACTIONS = 500;
const OTHERS = 5;

/**
 * The canvas of 500 actions beside a bare @xyflow/svelte canvas of 500 such nodes. `--rounds=N` (3), `--minutes=N` of
 * editing before memory is read (1; the promise is about 10), `--quick`, `--data=FOLDER` of a product that runs already.
 * What the figures mean: canvas/README.md.
 */
const bench: Bench = async (context) => {
	const { args, say } = context;
	const isQuick = args.includes('--quick');
	const number = (name: string, fallback: number) =>
		Number(args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)) || fallback;
	const rounds = number('rounds', isQuick ? 1 : 3);
	const minutes = number('minutes', isQuick ? 0.1 : 1);
	const draft = treeOf(ACTIONS);
	const running = args.find((arg) => arg.startsWith('--data='))?.slice(7);
	const data = running ?? (await productFolder());
	const started = running ? null : await startProduct(data);
	const product = started ?? (await adopt(data));
	useConfig(product.logins);
	const browser = await chromium.launch(await resolveBrowser());
	try {
		const place = await placeDraft(product, draft);
		try {
			const figures = await measureCanvas({ context, product, browser, place, rounds, minutes, isQuick });
			const publish = await measurePublish(draft, isQuick ? 10 : 30);
			const all = { ...figures, ...publish };
			for (const [key, value] of Object.entries(all)) say(`${key.padEnd(24)}${short(value)}`);
			return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, short(value)]));
		} finally {
			await place.close();
		}
	} finally {
		await browser.close();
		if (started) {
			await started.stop();
			await rm(data, { recursive: true, force: true });
		}
	}
};
export default bench;

async function adopt(data: string): Promise<Running> {
	const running = await readRunning(data);
	if (!running) throw new Error(`No product runs on ${data}.`);
	return running;
}

const short = (value: number) => Number(value.toPrecision(3));

type Setting = {
	context: BenchContext;
	product: Running;
	browser: Browser;
	place: Awaited<ReturnType<typeof placeDraft>>;
	rounds: number;
	minutes: number;
	isQuick: boolean;
};

async function open(browser: Browser, product: Running, profile: Profile | null): Promise<Page> {
	const context = await browser.newContext({
		baseURL: product.origin,
		viewport: { width: 1440, height: 900 },
		reducedMotion: 'reduce'
	});
	if (profile) await signIn(context, product.origin, profile);
	const page = await context.newPage();
	await page.addInitScript(recordFrames);
	return page;
}

/** Milliseconds until a card can be seen and taken, and, of ours, everything is known to be stored. */
async function load(page: Page, url: string, isOurs: boolean): Promise<number> {
	const from = performance.now();
	await page.goto(url, { waitUntil: 'commit' });
	await page.locator('.svelte-flow__node').first().waitFor();
	if (isOurs) await page.locator('[data-save-state="saved"]').first().waitFor();
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
	return performance.now() - from;
}

async function measureCanvas(setting: Setting) {
	const { context, product, browser, place, rounds, minutes, isQuick } = setting;
	const { log } = context;
	const url = `/cadences/${place.cadenceId}/edit`;
	const ours = await open(browser, product, 'Administrator');
	const second = await open(browser, product, 'Manager');
	const oursCdp = await ours.context().newCDPSession(ours);
	await oursCdp.send('Performance.enable');
	await load(ours, url, true);
	await ours.waitForTimeout(1_000);
	const bareServer = await startBarePage(await place.bareData(ours));
	const bare = await open(browser, product, null);
	const bareCdp = await bare.context().newCDPSession(bare);
	await bareCdp.send('Performance.enable');
	try {
		await load(second, url, true);
		const found: Record<string, number>[] = [];
		const moves = isQuick ? 60 : 240;
		for (let n = 1; n <= rounds; n++) {
			const bareLoadMs = await load(bare, bareServer.url, false);
			const loadMs = await load(ours, url, true);
			await ours.waitForTimeout(1_000);
			const card = await cardOf(ours);
			await bare.bringToFront();
			const bareCard = await cardOf(bare, card.id);
			const nodesDrawn = await drawnNodes(ours);
			const bareNodesDrawn = await drawnNodes(bare);
			const bareDrag = await during(bare, bareCdp, () => drag(bare, bareCard, moves));
			await ours.bringToFront();
			const ourDrag = await during(ours, oursCdp, () => drag(ours, card, moves));
			const inSight = await place.inSight(ours);
			const others = await startOthers(place, OTHERS, inSight);
			await ours.waitForTimeout(500);
			const remote = await during(ours, oursCdp, () => ours.waitForTimeout(isQuick ? 1_000 : 4_000));
			const both = await during(ours, oursCdp, () => drag(ours, card, moves));
			others.stop();
			const arrivalP95Ms = await measureArrival(ours, second, card.id, isQuick ? 20 : 60);
			const round = {
				loadMs,
				bareLoadMs,
				dragFrameP95Ms: ourDrag.p95,
				bareDragFrameP95Ms: bareDrag.p95,
				frameRatio: ourDrag.p95 / bareDrag.p95,
				scriptingMsPerFrame: ourDrag.scriptingMsPerFrame,
				bareScriptingMsPerFrame: bareDrag.scriptingMsPerFrame,
				remoteEditFrameP95Ms: remote.p95,
				remoteScriptingMsPerFrame: remote.scriptingMsPerFrame,
				dragWithOthersFrameP95Ms: both.p95,
				arrivalP95Ms,
				nodesDrawn,
				bareNodesDrawn
			};
			found.push(round);
			log(
				`Round ${n} of ${rounds}: ${JSON.stringify(round, (_key, v: unknown) => (typeof v === 'number' ? short(v) : v))}`
			);
		}
		const memory = await measureMemory(setting, ours, minutes);
		const keys = Object.keys(found[0]!);
		return {
			...Object.fromEntries(keys.map((key) => [key, median(found.map((round) => round[key]!))])),
			...memory
		};
	} finally {
		await bareServer.stop();
	}
}

/** The page's heap after minutes of editing by five others and by hand, garbage collected. */
async function measureMemory({ place, context }: Setting, page: Page, minutes: number) {
	const cdp = await page.context().newCDPSession(page);
	const heapMb = async () => {
		await cdp.send('HeapProfiler.collectGarbage');
		const { usedSize } = await cdp.send('Runtime.getHeapUsage');
		return usedSize / 2 ** 20;
	};
	const memoryAtStartMb = await heapMb();
	const others = await startOthers(place, OTHERS, await place.inSight(page));
	const end = Date.now() + minutes * 60_000;
	const card = await cardOf(page);
	while (Date.now() < end) {
		await drag(page, card, 60);
		await page.waitForTimeout(500);
	}
	const edits = others.edits();
	others.stop();
	context.log(`${edits} edits of others in ${minutes} minutes`);
	return { memoryMb: await heapMb(), memoryAtStartMb, memoryMinutes: minutes, memoryEdits: edits };
}
