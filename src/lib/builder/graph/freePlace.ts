export type Box = { x: number; y: number; width: number; height: number };

/** So far things stand apart at least. */
const gap = 20;
/** Of the edges to stand at, those nearest to the wanted place are tried. */
const tried = 80;

/**
 * The upper left corner of the place nearest to `wanted` (also an upper left corner) where something of this size lies
 * on nothing that is there.
 */
export function freePlace(
	taken: readonly Box[],
	{ width, height }: Pick<Box, 'width' | 'height'>,
	wanted: readonly [number, number]
): [number, number] {
	const isFree = (x: number, y: number) =>
		!taken.some(
			(box) =>
				x < box.x + box.width + gap &&
				box.x < x + width + gap &&
				y < box.y + box.height + gap &&
				box.y < y + height + gap
		);
	const near = (values: number[], to: number) =>
		[...new Set(values.map(Math.round))].sort((a, b) => Math.abs(a - to) - Math.abs(b - to)).slice(0, tried);
	// The nearest place touches something on one side or two, or is the wanted one.
	const xs = near(
		[wanted[0], ...taken.flatMap((box) => [box.x - width - gap, box.x + box.width + gap])],
		wanted[0]
	);
	const ys = near(
		[wanted[1], ...taken.flatMap((box) => [box.y - height - gap, box.y + box.height + gap])],
		wanted[1]
	);
	const far = ([x, y]: readonly [number, number]) => Math.hypot(x - wanted[0], y - wanted[1]);
	const places = xs.flatMap((x) => ys.map((y): [number, number] => [x, y])).sort((a, b) => far(a) - far(b));
	const found = places.find(([x, y]) => isFree(x, y));
	const right = Math.max(...taken.map((box) => box.x + box.width));
	return found ?? [Math.round(right + gap), Math.round(wanted[1])];
}
