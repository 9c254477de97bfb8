import { writeFile } from 'node:fs/promises';
import { expect, type Locator, type Page, type TestInfo } from '@playwright/test';

type Measured = { task: string; keys: number; clicks: number; seconds: number; most: number };

/** A person without a mouse: every key is counted, and every task is timed from the first key to what it should bring. */
export class Keys {
	readonly page: Page;
	readonly done: Measured[] = [];
	#count = 0;
	#clicks = 0;

	constructor(page: Page) {
		this.page = page;
	}

	async press(...keys: string[]): Promise<void> {
		for (const key of keys) {
			await this.page.keyboard.press(key);
			this.#count += 1;
		}
	}
	async type(text: string): Promise<void> {
		await this.page.keyboard.type(text);
		this.#count += text.length;
	}
	/** Tab until it has the focus, as somebody does who looks where the focus is. */
	async tabTo(target: Locator, most = 40, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
		for (let step = 0; step < most; step++) {
			if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
			await this.press(key);
		}
		await expect(target).toBeFocused({ timeout: 500 });
	}

	/** One task; `most` is a generous bound on its keys. */
	async task(name: string, most: number, work: () => Promise<void>): Promise<void> {
		[this.#count, this.#clicks] = [0, 0];
		await this.page.evaluate(() => {
			const counter = window as typeof window & { pointerClicks?: number };
			counter.pointerClicks = 0;
			window.addEventListener(
				'pointerdown',
				() => (counter.pointerClicks = (counter.pointerClicks ?? 0) + 1),
				true
			);
		});
		const start = performance.now();
		await work();
		const seconds = Math.round((performance.now() - start) / 100) / 10;
		this.#clicks = await this.page.evaluate(() => (window as { pointerClicks?: number }).pointerClicks ?? 0);
		this.done.push({ task: name, keys: this.#count, clicks: this.#clicks, seconds, most });
		expect(this.#count, `keys for "${name}"`).toBeLessThanOrEqual(most);
		expect(this.#clicks, `clicks for "${name}"`).toBe(0);
	}

	/** The table, printed and kept beside the results of the run. */
	async report(info: TestInfo): Promise<void> {
		const rows = this.done.map(
			({ task, keys, clicks, seconds }) => `| ${task} | ${keys} | ${clicks} | ${seconds} |`
		);
		const table = ['| task | keys | clicks | seconds |', '| --- | ---: | ---: | ---: |', ...rows, ''].join(
			'\n'
		);
		console.log(`\n${table}`);
		const path = info.outputPath('everydayTasks.md');
		await writeFile(path, table);
		await info.attach('everydayTasks.md', { path, contentType: 'text/markdown' });
		await info.attach('everydayTasks.json', {
			body: JSON.stringify(this.done, null, '\t'),
			contentType: 'application/json'
		});
	}
}
