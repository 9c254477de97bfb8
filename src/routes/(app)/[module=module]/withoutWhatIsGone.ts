import { isDomainError } from '#lib/domain/errors.ts';
import { firstPage, type ListAddress } from './listAddress.ts';

/** What of an address could not be followed. */
export type PassedOver = 'page' | 'sort and filter' | null;

/**
 * CRM-7: an old or damaged address still shows the list: without its place in it when that cannot be found any more, and
 * without its order and filter when they name what is gone.
 */
export async function withoutWhatIsGone<T>(
	asked: ListAddress,
	load: (address: ListAddress) => Promise<T>
): Promise<{ address: ListAddress; page: T; passedOver: PassedOver }> {
	const tries: [ListAddress, PassedOver][] = [
		[asked, null],
		...(asked.cursor === null ? [] : [[{ ...asked, ...firstPage }, 'page'] as [ListAddress, PassedOver]]),
		[{ ...asked, ...firstPage, sort: null, filter: null }, 'sort and filter']
	];
	for (const [address, passedOver] of tries.slice(0, -1)) {
		try {
			return { address, page: await load(address), passedOver };
		} catch (error) {
			if (!isDomainError(error) || error.code !== 'invalid') throw error;
		}
	}
	const [address, passedOver] = tries.at(-1)!;
	return { address, page: await load(address), passedOver };
}
