import { publishWhileEditing } from '../faults/Y18/publishWhileEditing.ts';
import { expect, test } from '../support/db.ts';

test('Y18: a version published while people edit is the draft at the log number it names', async ({ db }) => {
	const { edits, ...figures } = await publishWhileEditing(db, 20);
	expect(figures).toMatchObject({ published: 20, different: 0 });
	expect(figures.distinct).toBeGreaterThan(15);
	expect(edits).toBeGreaterThan(20);
});
