import type { CadenceItem } from '#lib/server/cadences/cadenceRow.ts';

export type { CadenceItem };

/** What somebody is about to do with a cadence of the list; each opens a dialog that says what will happen. */
export type CadenceAction = { kind: 'activate' | 'deactivate' | 'clone' | 'delete'; cadence: CadenceItem };
