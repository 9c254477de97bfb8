import postgres from 'postgres';

/** What the other relays store with: one insert per update, of which nobody waits for the end. */
export type PlainStore = {
	read: (documentId: string) => Promise<Uint8Array[]>;
	add: (documentId: string, update: Uint8Array) => void;
};

export function openPlainStore(databaseUrl: string): PlainStore {
	const sql = postgres(databaseUrl, { max: 4, onnotice: () => undefined });
	return {
		read: async (documentId) => {
			const rows = await sql<{ bytes: Uint8Array }[]>`
				select bytes from bench_updates where document = ${documentId} order by id`;
			return rows.map(({ bytes }) => bytes);
		},
		add: (documentId, update) => {
			sql`insert into bench_updates (document, bytes) values (${documentId}, ${update})`.catch(
				(error: unknown) => console.error(error)
			);
		}
	};
}
