import { expect, test } from 'vitest';
import { channelRefusal } from '../../src/lib/builder/operations/presetNode.ts';
import { validateDraft } from '../../src/lib/domain/plan/validateDraft.ts';
import { draftOf } from '../support/draftOf.ts';
import { context, nodes } from '../support/drafts.ts';

const modules = [
	...['leads', 'contacts', 'accounts', 'deals', 'vendors', 'quotes', 'assets'].map((key) => ({
		key,
		kind: 'system' as const
	})),
	{ key: 'projects', kind: 'custom' as const }
];

test('CRM-2: e-mail and task everywhere, call in system modules, WhatsApp in Leads and Contacts: palette and publish agree', () => {
	for (const { key, kind } of modules) {
		const here = { ...context, module: { ...context.module, key, kind }, whatsappConnected: true };
		const expected = {
			email: true,
			task: true,
			call: kind === 'system',
			whatsapp: key === 'leads' || key === 'contacts'
		};
		for (const [channel, fits] of Object.entries(expected)) {
			const of = channel as keyof typeof expected;
			const draft = draftOf({ a: nodes[of]() }, [['start', 'entry', 'a']]);
			const refused = validateDraft(draft, here).some(({ code }) => code === 'channel.module');
			expect(refused, `${channel} in ${key} at publish`).toBe(!fits);
			expect(channelRefusal(of, here) === null, `${channel} in ${key} in the palette`).toBe(fits);
		}
	}
});
