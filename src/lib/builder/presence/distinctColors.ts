const colors = 8;

/**
 * Everybody on a canvas gets a colour of their own while there are enough, and the same on every screen: people in
 * the order of their ids take the colour they wish for, or the next free one.
 */
export function distinctColors(people: ReadonlyMap<string, number>): Map<string, number> {
	const taken = new Set<number>();
	const given = new Map<string, number>();
	for (const id of [...people.keys()].sort()) {
		let color = people.get(id) ?? 0;
		for (let step = 0; step < colors && taken.has(color); step++) color = (color + 1) % colors;
		taken.add(color);
		given.set(id, color);
	}
	return given;
}
