/** ENR-1, ENR-2, GRA-8: how a record came in. `cadence`: by an action of another cadence. */
export const enrollSources = ['manual', 'view', 'bulk', 'import', 'api', 'cadence'] as const;
export type EnrollSource = (typeof enrollSources)[number];
