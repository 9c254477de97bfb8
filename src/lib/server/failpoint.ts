const counts = new Map<string, number>();

/**
 * E2: dies at the nth pass of a named place when the environment says so (`FAILPOINT=advance.claimed:2`), as an
 * operating system would: no handlers, no clean-up. Costs one string comparison otherwise.
 */
export function failpoint(name: string): void {
	const wanted = process.env.FAILPOINT;
	if (wanted === undefined || !wanted.startsWith(`${name}:`)) return;
	const count = (counts.get(name) ?? 0) + 1;
	counts.set(name, count);
	if (count === Number(wanted.slice(name.length + 1))) process.kill(process.pid, 'SIGKILL');
}
