const mb = (bytes: number) => Math.round(bytes / 1024 / 1024);

/** Peak resident memory of this process, which is the worker of what is measured in it: in all, and since the last look. */
export function watchMemory() {
	let peak = 0;
	let stage = 0;
	let cpu = process.cpuUsage();
	const look = () => {
		const rss = process.memoryUsage.rss();
		stage = Math.max(stage, rss);
		peak = Math.max(peak, rss);
	};
	const timer = setInterval(look, 50);
	look();
	return {
		peakMb: () => mb(peak),
		/** Since the last time: the peak, and CPU of all threads; of what is held now the part that JavaScript has. */
		stage: (): string => {
			look();
			const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
			const { user, system } = process.cpuUsage(cpu);
			const text = `${mb(stage)} MB at most, ${mb(rss)} now (heap ${mb(heapUsed)} of ${mb(heapTotal)}, external ${mb(external)}), ${((user + system) / 1e6).toFixed(2)} s of CPU`;
			stage = 0;
			cpu = process.cpuUsage();
			return text;
		},
		stop: () => clearInterval(timer)
	};
}
export type Memory = ReturnType<typeof watchMemory>;
