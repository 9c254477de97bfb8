/** A list with one entry taken to another place; the same list when the place does not exist. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
	const next = [...list];
	if (to < 0 || to >= next.length) return next;
	const [one] = next.splice(from, 1);
	if (one !== undefined) next.splice(to, 0, one);
	return next;
}
