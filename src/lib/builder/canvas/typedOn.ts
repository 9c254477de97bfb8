const restMs = 1_500;
const ending: ReadonlySet<string> = new Set(['Enter', 'Escape', 'Tab']);

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>;
type Field = { readonly isConnected: boolean };

/**
 * COL-2: somebody else takes away the field in which a person types: what is typed on is text, not a command to the
 * canvas. Answers, for each key and the field it was pressed in (null: in none), whether it has to be left alone.
 */
export function typedOn(now: () => number = Date.now): (event: Pressed, field: Field | null) => boolean {
	let last: Field | null = null;
	let at = 0;
	return ({ key, ctrlKey, metaKey }, field) => {
		const rest = now() - at;
		at = now();
		if (field) {
			// Whoever ends with such a key has left the field on purpose.
			last = ending.has(key) ? null : field;
			return false;
		}
		const goesOn = last?.isConnected === false && rest < restMs && key !== 'Escape' && !ctrlKey && !metaKey;
		if (!goesOn) last = null;
		return goesOn;
	};
}
