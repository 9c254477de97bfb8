const restMs = 1_500;
const ending: ReadonlySet<string> = new Set(['Enter', 'Escape', 'Tab']);

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>;
type Field = { readonly isConnected: boolean };

/**
 * COL-2: somebody else takes away the field in which a person types: what is typed on is text, not a command to the
 * canvas.
 */
export class TypedOn {
	#last: Field | null = null;
	#at = 0;
	readonly #now: () => number;

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	/** Whether a key has to be left alone. `field`: where it was pressed; null: in no field. */
	takes({ key, ctrlKey, metaKey }: Pressed, field: Field | null): boolean {
		const rest = this.#now() - this.#at;
		this.#at = this.#now();
		if (field) {
			// Whoever ends with such a key has left the field on purpose.
			this.#last = ending.has(key) ? null : field;
			return false;
		}
		const gone = this.#last?.isConnected === false;
		const goesOn = gone && rest < restMs && key !== 'Escape' && !ctrlKey && !metaKey;
		if (!goesOn) this.#last = null;
		return goesOn;
	}

	/** The person has clicked: the field was left on purpose. */
	forget(): void {
		this.#last = null;
	}
}

/** One for the page: a draft that is replaced takes the whole canvas away, and the next one must not obey what is typed on. */
export const typedOn = new TypedOn();
