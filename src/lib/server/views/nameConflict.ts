import { DomainError } from '#lib/domain/errors.ts';

/** Turns the unique index on view names into words. The write must run in a savepoint of its own. */
export async function nameConflict<T>(name: string, write: () => Promise<T>): Promise<T> {
	try {
		return await write();
	} catch (error) {
		const cause = (error as { cause?: { code?: string; constraint_name?: string } }).cause;
		if (cause?.code === '23505' && cause.constraint_name === 'views_name_key')
			throw new DomainError(
				'conflict',
				`There is already a view called "${name}". Choose another name.`,
				'/name'
			);
		throw error;
	}
}
