import type { Random } from './random.ts';

const firstNames = [
	'Amara',
	'Anton',
	'Beatriz',
	'Bilal',
	'Carla',
	'Chen',
	'Daniel',
	'Daria',
	'Elena',
	'Emeka',
	'Farah',
	'Felix',
	'Giulia',
	'Hanna',
	'Haruto',
	'Ines',
	'Isaac',
	'Jana',
	'Joao',
	'Kavya',
	'Kofi',
	'Lara',
	'Leon',
	'Lucía',
	'Magnus',
	'Maya',
	'Mehmet',
	'Mina',
	'Nadia',
	'Nikhil',
	'Noor',
	'Olga',
	'Omar',
	'Paula',
	'Priya',
	'Quinn',
	'Rafael',
	'Renske',
	'Rohan',
	'Sara',
	'Selin',
	'Sofia',
	'Tariq',
	'Théo',
	'Uma',
	'Valentin',
	'Wanda',
	'Yara',
	'Yusuf',
	'Zoe'
] as const;
const lastNames = [
	'Abebe',
	'Almeida',
	'Andersson',
	'Bakker',
	'Baumann',
	'Bianchi',
	'Chandra',
	'Costa',
	'Dubois',
	'Eriksen',
	'Fernández',
	'Fischer',
	'García',
	'Haddad',
	'Hoffmann',
	'Ito',
	'Jansen',
	'Kapoor',
	'Keller',
	'Kim',
	'Kowalski',
	'Laurent',
	'Lindqvist',
	'Martins',
	'Mensah',
	'Meyer',
	'Moreau',
	'Nair',
	'Nakamura',
	'Novák',
	'Okafor',
	'Olsen',
	'Park',
	'Patel',
	'Peeters',
	'Petrov',
	'Ramos',
	'Rossi',
	'Santos',
	'Schneider',
	'Silva',
	'Singh',
	'Suzuki',
	'Tanaka',
	'Torres',
	'Virtanen',
	'Wagner',
	'Yilmaz',
	'Zhang',
	'Öztürk'
] as const;
const companyHeads = [
	'Alder',
	'Bluefin',
	'Brightwater',
	'Cedar',
	'Cobalt',
	'Copperleaf',
	'Eastgate',
	'Fieldstone',
	'Foxglove',
	'Granite',
	'Harbor',
	'Juniper',
	'Kestrel',
	'Lantern',
	'Lumen',
	'Meridian',
	'Northfield',
	'Oakridge',
	'Orchard',
	'Pinecrest',
	'Quarry',
	'Redwood',
	'Silverbirch',
	'Summit',
	'Tidewater',
	'Umbra',
	'Vantage',
	'Westwind',
	'Willow',
	'Zephyr'
] as const;
const companyTails = [
	'Analytics',
	'Foods',
	'Health',
	'Logistics',
	'Media',
	'Partners',
	'Robotics',
	'Studios',
	'Systems',
	'Works'
] as const;

/** Country with its dialling prefix, a city and the zone people there live in. */
const places = [
	{ country: 'Germany', city: 'Berlin', zone: 'Europe/Berlin', dial: '+4930', digits: 8 },
	{ country: 'United Kingdom', city: 'London', zone: 'Europe/London', dial: '+4420', digits: 8 },
	{ country: 'France', city: 'Lyon', zone: 'Europe/Paris', dial: '+334', digits: 8 },
	{ country: 'Spain', city: 'Valencia', zone: 'Europe/Madrid', dial: '+3496', digits: 7 },
	{ country: 'Netherlands', city: 'Utrecht', zone: 'Europe/Amsterdam', dial: '+3130', digits: 7 },
	{ country: 'India', city: 'Pune', zone: 'Asia/Kolkata', dial: '+9198', digits: 8 },
	{ country: 'Brazil', city: 'São Paulo', zone: 'America/Sao_Paulo', dial: '+55119', digits: 8 },
	{ country: 'United States', city: 'Denver', zone: 'America/Denver', dial: '+1303', digits: 7 },
	{ country: 'Japan', city: 'Osaka', zone: 'Asia/Tokyo', dial: '+816', digits: 8 }
] as const;

export type Person = {
	firstName: string;
	lastName: string;
	email: string;
	phone: string;
	country: string;
	city: string;
	timeZone: string;
};

const ascii = (text: string) =>
	text
		.normalize('NFD')
		.replace(/[^a-zA-Z]/g, '')
		.toLowerCase();

/** A made-up person; `n` keeps the address unique. Addresses end in `.example`, so nothing can reach anybody. */
export function makePerson(random: Random, n: number, domain: string): Person {
	const [firstName, lastName, place] = [random.pick(firstNames), random.pick(lastNames), random.pick(places)];
	let digits = '';
	for (let i = 0; i < place.digits; i++) digits += random.int(i === 0 ? 2 : 0, 9);
	return {
		firstName,
		lastName,
		email: `${ascii(firstName)}.${ascii(lastName)}${n}@${domain}`,
		phone: place.dial + digits,
		country: place.country,
		city: place.city,
		timeZone: place.zone
	};
}

/** Every pair of head and tail once, in a fixed order: 300 company names. */
export const companyName = (n: number): string =>
	`${companyHeads[n % companyHeads.length]!} ${companyTails[Math.floor(n / companyHeads.length) % companyTails.length]!}`;

export const companyDomain = (n: number): string => `${ascii(companyName(n))}.example`;
