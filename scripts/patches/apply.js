import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Exact pieces of a package's files and what stands there instead. Plain JavaScript: it runs while npm installs, on
 * whatever Node is there.
 * @typedef {{ package: string, version: string, files: Record<string, [before: string, after: string][]> }} Patch
 */

/**
 * Applies a patch to an installed package; what is patched already stays as it is.
 * @param {Patch} patch
 * @param {string} folder of the package
 * @returns {boolean} whether something was changed
 * @throws when version or text are not the ones the patch was written for; nothing is changed then
 */
export function applyPatch(patch, folder) {
	const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
	if (version !== patch.version) throw refusal(patch, `version ${version} is installed`);
	const changed = Object.entries(patch.files).flatMap(([file, edits]) => {
		const path = join(folder, file);
		const before = readFileSync(path, 'utf8');
		const after = edits.reduce((text, edit) => replaceOnce(patch, file, text, edit), before);
		return after === before ? [] : [{ path, after }];
	});
	for (const { path, after } of changed) {
		// Whole or not at all, also for a process that is just starting.
		writeFileSync(`${path}.new`, after);
		renameSync(`${path}.new`, path);
	}
	return changed.length > 0;
}

/**
 * @param {Patch} patch
 * @param {string} file
 * @param {string} text
 * @param {[before: string, after: string]} edit
 */
function replaceOnce(patch, file, text, [before, after]) {
	if (text.split(after).length === 2) return text;
	if (text.split(before).length !== 2)
		throw refusal(patch, `${file} does not contain what is to be replaced:\n${before}`);
	return text.replace(before, () => after);
}

/**
 * @param {Patch} patch
 * @param {string} found
 */
const refusal = (patch, found) =>
	new Error(
		`The patch for ${patch.package} ${patch.version} does not fit: ${found}. ` +
			`Install with npm ci; after an upgrade, see whether scripts/patches/${patch.package}.js is still needed.`
	);
