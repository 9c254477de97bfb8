/** Who changed which part: paths are those of change entries. */
export type Authors = {
	people: readonly { id: string; name: string }[];
	by: Readonly<Record<string, readonly string[]>>;
};

/** Names of those who made a change. */
export const namesOf = (authors: Authors | null, path: string): string[] =>
	(authors?.by[path] ?? []).flatMap((id) => authors?.people.find((one) => one.id === id)?.name ?? []);

/** VER-2: the changes of one person apart; null: everybody's. */
export const changesBy = <T extends { path: string }>(
	entries: readonly T[],
	authors: Authors | null,
	author: string | null
): T[] =>
	author === null ? [...entries] : entries.filter(({ path }) => authors?.by[path]?.includes(author) ?? false);
