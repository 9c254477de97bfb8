import type { CDPSession, Page } from '@playwright/test';

type Recorder = { frameTimes: number[]; isRecording: boolean };
declare global {
	interface Window {
		recorder: Recorder;
	}
}

/** Put in before a page's own scripts: notes how long each animation frame took while asked to. */
export const recordFrames = (): void => {
	const recorder: Recorder = { frameTimes: [], isRecording: false };
	window.recorder = recorder;
	let last = performance.now();
	const frame = () => {
		const now = performance.now();
		if (recorder.isRecording) recorder.frameTimes.push(now - last);
		last = now;
		requestAnimationFrame(frame);
	};
	requestAnimationFrame(frame);
};

export type Frames = { p95: number; frames: number; scriptingMsPerFrame: number };

/** Frame times and scripting of a page while something happens. */
export async function during(page: Page, cdp: CDPSession, happening: () => Promise<void>): Promise<Frames> {
	const script = async () => {
		const { metrics } = await cdp.send('Performance.getMetrics');
		return metrics.find(({ name }) => name === 'ScriptDuration')!.value * 1000;
	};
	await page.evaluate(() => {
		window.recorder.frameTimes = [];
		window.recorder.isRecording = true;
	});
	const before = await script();
	await happening();
	const after = await script();
	const times = await page.evaluate(() => {
		window.recorder.isRecording = false;
		return window.recorder.frameTimes;
	});
	times.sort((a, b) => a - b);
	return {
		p95: times[Math.floor((times.length - 1) * 0.95)] ?? 0,
		frames: times.length,
		scriptingMsPerFrame: (after - before) / Math.max(1, times.length)
	};
}

type Card = { id: string; x: number; y: number };

/** The card nearest to the middle of the canvas, or the one with this id, and the middle of it on the screen. */
export async function cardOf(page: Page, wanted?: string): Promise<Card> {
	return page.evaluate((id) => {
		const canvas = document.querySelector('.svelte-flow')!.getBoundingClientRect();
		const middle = { x: canvas.left + canvas.width / 2, y: canvas.top + canvas.height / 2 };
		const cards = [...document.querySelectorAll<HTMLElement>('.svelte-flow__node')].map((card) => {
			const { left, top, width, height } = card.getBoundingClientRect();
			return { id: card.dataset['id'] ?? '', x: left + width / 2, y: top + height / 2 };
		});
		const far = ({ x, y }: { x: number; y: number }) => Math.hypot(x - middle.x, y - middle.y);
		const found = cards
			.filter((card) => id === undefined || card.id === id)
			.sort((a, b) => far(a) - far(b))[0];
		if (!found) throw new Error(`The card ${id ?? ''} is not in sight.`);
		return found;
	}, wanted);
}

/** How many nodes are drawn now. */
export const drawnNodes = (page: Page): Promise<number> => page.locator('.svelte-flow__node').count();

/** Drags by hand: sixty moves a second, in circles, then back to where it was. */
export async function drag(page: Page, at: { x: number; y: number }, moves: number): Promise<void> {
	await page.mouse.move(at.x, at.y);
	await page.mouse.down();
	for (let n = 1; n <= moves; n++) {
		const next = page.waitForTimeout(1000 / 60);
		await page.mouse.move(at.x + 60 * Math.sin(n / 15), at.y + 30 * (1 - Math.cos(n / 15)));
		await next;
	}
	await page.mouse.move(at.x, at.y);
	await page.mouse.up();
}
