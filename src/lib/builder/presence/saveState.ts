/** COL-2: what the state line says. `closed`: the server ended it, with the sentence for the person. */
export type SaveState =
	| { kind: 'connecting' }
	| { kind: 'offline' }
	| { kind: 'saving' }
	| { kind: 'saved' }
	| { kind: 'viewOnly' }
	| { kind: 'closed'; reason: string };

/** Publishing reads what the server has: nothing may be on its way. */
export const isStored = (state: SaveState): boolean => state.kind === 'saved';
