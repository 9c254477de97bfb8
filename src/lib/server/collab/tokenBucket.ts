/** Holds somebody to a rate: `take` answers how many milliseconds to wait before going on (0: go on). */
export class TokenBucket {
	#tokens: number;
	#at = performance.now();
	#perSecond: number;
	#burst: number;

	constructor(perSecond: number, burst: number) {
		this.#perSecond = perSecond;
		this.#burst = burst;
		this.#tokens = burst;
	}

	take(amount: number): number {
		const now = performance.now();
		this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
		this.#at = now;
		this.#tokens -= amount;
		return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
	}
}
