/** Peak resident memory of this process, which is the worker of what is measured in it. */
export function watchMemory(): { peakMb: () => number; stop: () => void } {
	let peak = 0;
	const look = () => (peak = Math.max(peak, process.memoryUsage.rss()));
	const timer = setInterval(look, 50);
	look();
	return { peakMb: () => Math.round(peak / 1024 / 1024), stop: () => clearInterval(timer) };
}
