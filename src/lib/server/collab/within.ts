/**
 * Gives up waiting for the database: a connection that died at the wrong moment may never answer, and a page must not
 * say "Saving" for ever. What was sent may still be stored; offering it again changes nothing.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_done, fail) => {
		timer = setTimeout(() => fail(new Error(`The database did not answer within ${ms} ms.`)), ms);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
