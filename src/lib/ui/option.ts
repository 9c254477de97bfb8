/** One choice of a Select or Combobox. */
export type Option = {
	value: string;
	label: string;
	/** A second, quieter line or word. */
	hint?: string | undefined;
	disabled?: boolean | undefined;
};

/** Case- and accent-insensitive match of every typed word, in any order. */
export function matchesQuery(option: Option, query: string): boolean {
	const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
	const text = plain(`${option.label} ${option.hint ?? ''}`);
	return plain(query)
		.split(/\s+/)
		.every((word) => text.includes(word));
}
