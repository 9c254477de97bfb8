import { createContext } from 'svelte';

/** What a person is about to make; without a record it is looked for in the dialog. */
export type NewActivity = { kind: 'task' | 'call'; record: { id: string; name: string } | null };

/** CRM-9: asks for a new task or call on whatever page one is; the frame of all pages holds the dialog. */
export const [getNewActivity, provideNewActivity] = createContext<(wanted: NewActivity) => void>();
