const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text from outside can be an id at all: PostgreSQL throws on anything else. */
export const isId = (value: unknown): value is string => typeof value === 'string' && uuid.test(value);
