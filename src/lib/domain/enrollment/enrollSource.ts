/** ENR-1, ENR-2, GRA-8: how a record came in. `cadence`: by an action of another cadence. */
export type EnrollSource = 'manual' | 'view' | 'bulk' | 'import' | 'api' | 'cadence';
