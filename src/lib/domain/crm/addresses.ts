import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js';

const local = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const domain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * The address mail is sent to and suppression compares (CHA-2): trimmed, lower-case, one plain address with a
 * top-level domain. No quotes, commas or control characters can pass (RELIABILITY.md 4, e-mail injection).
 * @returns null when it is no usable address
 */
export function normalizeEmail(typed: string): string | null {
	const address = typed.trim().toLowerCase();
	if (address.length > 254) return null;
	const at = address.lastIndexOf('@');
	const name = address.slice(0, at);
	if (at < 1 || name.length > 64 || !local.test(name) || !domain.test(address.slice(at + 1))) return null;
	return address;
}

/**
 * The number that is called and messaged, as E.164. Records keep what was typed.
 * @param country for numbers typed without a country code
 * @returns null when it cannot be a phone number
 */
export function normalizePhone(typed: string, country?: CountryCode): string | null {
	// An extension or a second number is no part of what a provider dials.
	const number = parsePhoneNumberFromString(typed.trim(), {
		...(country && { defaultCountry: country }),
		extract: false
	});
	return number?.isPossible() ? number.number : null;
}

/** GRA-8: what an action of a kind can use of what was typed; null when it can use nothing of it. */
export function addressFor(kind: string, typed: string): string | null {
	switch (kind) {
		case 'email':
			return normalizeEmail(typed);
		case 'whatsapp':
			return normalizePhone(typed);
		case 'call':
			// A person dials: a national number without a country code is good enough.
			return normalizePhone(typed) ?? (typed.replace(/\D/g, '').length >= 4 ? typed : null);
		default:
			return null;
	}
}
