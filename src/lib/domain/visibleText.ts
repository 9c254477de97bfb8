import { z } from 'zod';

const invisible = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Whether nothing of a text can be seen: blanks, also those without a width, and marks that only steer other text. */
export const isInvisible = (text: string): boolean => invisible.test(text);

/** A name that people must be able to see and to click: trimmed, with something visible in it. */
export const nameText = (emptyMessage: string) =>
	z
		.string()
		.trim()
		.refine((text) => !isInvisible(text), emptyMessage);
