/** Display values of merge fields, by field key; what is absent or blank takes the fallback. */
export type MergeRecord = Readonly<Record<string, string | null | undefined>>;

export type MergeValues = {
	/** How the record's own module is called (`lead`, `leads`). */
	roots: readonly string[];
	record: MergeRecord;
	/** Lookup field key -> values of the record it points to. */
	related: Readonly<Record<string, MergeRecord>>;
	owner: MergeRecord;
	sender: MergeRecord;
	organization: MergeRecord;
};

const own = (values: MergeRecord | undefined, key: string | undefined): string | null => {
	if (!values || key === undefined || !Object.hasOwn(values, key)) return null;
	return values[key] ?? null;
};
const behind = (values: MergeValues, lookup: string): MergeRecord | undefined =>
	Object.hasOwn(values.related, lookup) ? values.related[lookup] : undefined;

/** The value a path names; null when there is none. Only own keys count, so `__proto__` names nothing. */
export function valueOf(path: readonly string[], values: MergeValues): string | null {
	const [root = '', field, further] = path;
	if (root === 'owner' || root === 'sender' || root === 'organization')
		return further === undefined ? own(values[root], field) : null;
	if (root === 'record' || values.roots.includes(root))
		return further === undefined
			? own(values.record, field)
			: field === undefined
				? null
				: own(behind(values, field), further);
	return further === undefined ? own(behind(values, root), field) : null;
}
