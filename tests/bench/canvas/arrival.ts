import type { Page } from '@playwright/test';

declare global {
	interface Window {
		/** Title -> when it was typed here, or seen here: milliseconds of the machine's clock. */
		titlesAt: Record<string, number>;
	}
}

/**
 * Types a card's name in one browser, a letter at a time, and notes when each state of it can be read on the card in the
 * other one. Both clocks are the machine's.
 */
export async function measureArrival(from: Page, to: Page, nodeId: string, letters: number): Promise<number> {
	await to.bringToFront();
	await to.evaluate((id) => {
		window.titlesAt = {};
		const look = () => {
			const text = document.querySelector(`.svelte-flow__node[data-id="${id}"] p`)?.textContent?.trim();
			if (text) window.titlesAt[text] ??= performance.timeOrigin + performance.now();
		};
		new MutationObserver(look).observe(document.body, {
			subtree: true,
			childList: true,
			characterData: true
		});
	}, nodeId);
	await from.bringToFront();
	await from.locator(`.svelte-flow__node[data-id="${nodeId}"]`).click({ position: { x: 20, y: 12 } });
	const input = from.getByLabel('Name on the canvas');
	await input.fill('');
	await from.evaluate(() => {
		window.titlesAt = {};
		addEventListener(
			'input',
			({ target }) => {
				if (target instanceof HTMLInputElement)
					window.titlesAt[target.value.trim()] ??= performance.timeOrigin + performance.now();
			},
			{ capture: true }
		);
	});
	for (let n = 0; n < letters; n++) {
		await from.keyboard.press(String.fromCharCode(97 + (n % 26)));
		await from.waitForTimeout(90);
	}
	await to.waitForTimeout(1_000);
	const typed = await from.evaluate(() => window.titlesAt);
	const seen = await to.evaluate(() => window.titlesAt);
	// A state that two letters later have overtaken was never drawn: the next one that was, counts for it.
	const order = Object.keys(typed);
	const took = order.flatMap((title, index) => {
		const later = order.slice(index).find((candidate) => candidate in seen);
		return later === undefined ? [] : [seen[later]! - typed[title]!];
	});
	if (took.length < letters * 0.8) throw new Error(`Only ${took.length} of ${letters} letters arrived.`);
	took.sort((a, b) => a - b);
	return took[Math.floor((took.length - 1) * 0.95)]!;
}
