import type { FieldDefinition } from '#lib/domain/crm/fields.ts';

/** The part of a field definition that inputs and criteria need. */
export type FieldShape = Pick<FieldDefinition, 'key' | 'label' | 'type'> &
	Partial<
		Pick<FieldDefinition, 'options' | 'optionLabels' | 'retiredOptions' | 'required' | 'lookupModuleKey'>
	>;
export type FieldValue = string | number | boolean | string[] | null;

export type UserChoice = { id: string; name: string; active?: boolean | undefined };
