import { chooseVariant, variantsOf, type Variant } from '#lib/domain/cadence/chooseVariant.ts';
import type { PlanActionOf } from '#lib/domain/plan/plan.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';

type Row = Pick<EnrollmentRow, 'id' | 'run_no'>;

/** GRA-8 [+]: the variant of this run; null: the action has one template only. */
export function variantOf(row: Row, action: PlanActionOf<'email' | 'whatsapp'>): Variant | null {
	const variants = action.kind === 'email' ? variantsOf(action.config) : null;
	return variants && chooseVariant(`${row.id}/${row.run_no}/${action.id}`, variants);
}

/** The template that this run of the action uses. */
export const templateOf = (row: Row, action: PlanActionOf<'email' | 'whatsapp'>): string | null =>
	(variantOf(row, action) ?? action.config).templateId;
