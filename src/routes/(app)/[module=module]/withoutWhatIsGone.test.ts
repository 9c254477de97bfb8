import { expect, test } from 'vitest';
import { DomainError } from '#lib/domain/errors.ts';
import { readListAddress, type ListAddress } from './listAddress.ts';
import { withoutWhatIsGone } from './withoutWhatIsGone.ts';

const asked = readListAddress(new URLSearchParams('after=garbage&page=4&sort=gone:asc&q=ada'));
const refuse = (isBad: (address: ListAddress) => boolean, code: 'invalid' | 'forbidden' = 'invalid') =>
	withoutWhatIsGone(asked, async (address) => {
		if (isBad(address)) throw new DomainError(code, 'No.');
		return address.search;
	});

test('CRM-7: an address whose place is gone shows the first page, in its order and with its search', async () => {
	expect(await refuse((address) => address.cursor !== null)).toEqual({
		address: { ...asked, cursor: null, back: false, page: 1 },
		page: 'ada',
		passedOver: 'page'
	});
});

test('CRM-7: an address that sorts by what is gone shows the view as it is; one that fits is followed', async () => {
	const shown = await refuse((address) => address.sort !== null);
	expect(shown).toMatchObject({ passedOver: 'sort and filter', address: { sort: null, search: 'ada' } });
	expect((await refuse(() => false)).passedOver).toBeNull();
});

test('CRM-7: what somebody may not see stays refused', async () => {
	await expect(refuse(() => true, 'forbidden')).rejects.toMatchObject({ code: 'forbidden' });
});
