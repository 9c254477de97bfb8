type Wanted = { name: string; nth: number; signal: 'SIGKILL' | 'SIGSTOP' };

/** `advance.claimed:2` dies at the second pass of the place, `advance.claimed:2:stop` freezes there (SIGSTOP). */
function read(text: string | undefined): Wanted | undefined {
	if (!text) return undefined;
	const [name = '', nth, how] = text.split(':');
	return { name, nth: Number(nth) || 1, signal: how === 'stop' ? 'SIGSTOP' : 'SIGKILL' };
}

const wanted = read(process.env.FAILPOINT);
let passes = 0;

/**
 * E2, E7: dies at the nth pass of a named place when the environment of the process says so, as an operating system
 * would: no handlers, no clean-up. Read once at start: costs one comparison with undefined otherwise.
 */
export function failpoint(name: string): void {
	if (wanted === undefined || wanted.name !== name) return;
	if (++passes === wanted.nth) process.kill(process.pid, wanted.signal);
}
