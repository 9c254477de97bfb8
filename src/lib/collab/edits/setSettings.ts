import type * as Y from 'yjs';
import { draftSettingsSchema, type DraftSettings } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { settingsOf, settingsToEntries } from '../layout.ts';
import { editOrigin } from '../origins.ts';

export type SettingsPatch = Partial<Omit<DraftSettings, 'unenroll'>> & {
	unenroll?: Partial<DraftSettings['unenroll']>;
};

/**
 * Changes only the settings that are named.
 * @throws DomainError `invalid` with a pointer to the first value that does not fit
 */
export function setSettings(doc: Y.Doc, patch: SettingsPatch): void {
	const parsed = draftSettingsSchema.safeParse(patch);
	if (!parsed.success) {
		const path = parsed.error.issues[0]?.path.join('/') ?? '';
		throw new DomainError('invalid', 'This setting does not fit.', `/settings/${path}`);
	}
	const settings = settingsOf(doc);
	doc.transact(() => {
		for (const [key, value] of settingsToEntries(patch as Partial<DraftSettings>)) {
			if (value === undefined) continue;
			if (JSON.stringify(settings.get(key)) !== JSON.stringify(value)) settings.set(key, value);
		}
	}, editOrigin);
}
