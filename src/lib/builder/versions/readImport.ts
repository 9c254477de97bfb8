import { readCadenceFile, type FileProblem } from '#lib/domain/cadence/cadenceFile.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { knownNames } from '#lib/domain/cadence/knownNames.ts';
import { resolveNames, type Unresolved } from '#lib/domain/cadence/resolveNames.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';

export type Import = { name: string; draft: Draft; unresolved: Unresolved[] };

/** CAD-5: what an exported file would make of the draft that is open; nothing is changed yet. */
export function readImport(
	text: string,
	now: Draft,
	publish: PublishContext
): Import | { problems: FileProblem[] } {
	const read = readCadenceFile(text);
	if ('problems' in read) return read;
	const { file } = read;
	if (file.module !== publish.module.key)
		return {
			problems: [
				{
					place: 'module',
					message: `The file is a cadence for "${file.module}", this one is for ${publish.module.plural}. Their fields differ.`
				}
			]
		};
	const { draft, unresolved } = resolveNames(file, knownNames(publish));
	// How this cadence enrolls was chosen when it was created (CAD-1).
	const viewId = publish.enrollmentKind === 'manual' ? null : (draft.settings.viewId ?? now.settings.viewId);
	return { name: file.name, draft: { ...draft, settings: { ...draft.settings, viewId } }, unresolved };
}
