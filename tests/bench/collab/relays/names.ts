import type { Server } from 'node:http';

/** What is measured side by side, in this order. */
export const relayNames = ['ywebsocket', 'hocuspocus', 'ours'] as const;
export type RelayName = (typeof relayNames)[number];

/** Makes a relay that stores in this database; it listens when it is told to. */
export type StartRelay = (databaseUrl: string) => Promise<Server>;
