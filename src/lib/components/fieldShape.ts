/** The part of a field definition that inputs and criteria need; the rows of server/modules fit it. */
export type FieldShape = {
	key: string;
	label: string;
	type:
		| 'text'
		| 'longText'
		| 'email'
		| 'phone'
		| 'url'
		| 'number'
		| 'currency'
		| 'percent'
		| 'date'
		| 'dateTime'
		| 'boolean'
		| 'picklist'
		| 'multiPicklist'
		| 'user'
		| 'lookup'
		| 'tags';
	options?: readonly string[] | undefined;
	required?: boolean | undefined;
	/** Key of the module that a lookup points to. */
	lookupModule?: string | null | undefined;
};
export type FieldValue = string | number | boolean | string[] | null;

export type UserChoice = { id: string; name: string; active?: boolean | undefined };
