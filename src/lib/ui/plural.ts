const number = new Intl.NumberFormat('en-US');

export const formatNumber = (value: number): string => number.format(value);

/** `plural(1, 'record')` is "1 record", `plural(7392, 'record')` is "7,392 records". */
export const plural = (count: number, one: string, many = `${one}s`): string =>
	`${number.format(count)} ${count === 1 ? one : many}`;
