import type { Actor } from '#lib/domain/access/actor.ts';
import type { RecordData } from '#lib/domain/crm/checkRecord.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { insertRecords, type NewRecord } from '../records/insertRecords.ts';
import { companyDomain, companyName, makePerson } from './people.ts';
import type { Random } from './random.ts';

const industries = [
	'Education',
	'Finance',
	'Medical',
	'Manufacturing',
	'Retail',
	'Services',
	'Software'
] as const;
const leadSources = [
	'Web Form',
	'Web Form',
	'Event',
	'Organic Search',
	'Referral',
	'Advertisement',
	'Partner'
] as const;
const leadStatuses = ['New', 'New', 'Attempted to Contact', 'Contacted', 'Not Qualified'] as const;
const titles = [
	'Team lead',
	'HR manager',
	'Data analyst',
	'Founder',
	'Operations manager',
	'Teacher',
	'Student'
] as const;
const courses = [
	'Data Analysis',
	'Project Management',
	'UX Design',
	'Python Basics',
	'Leadership',
	'Bookkeeping'
] as const;
const stages = [
	'Prospecting',
	'Qualification',
	'Needs Analysis',
	'Proposal',
	'Negotiation',
	'Closed Won',
	'Closed Lost'
] as const;
const tagNames = ['webinar', 'newsletter', 'vip', 'scholarship', 'callback'] as const;

const dayMs = 86_400_000;
const isoDay = (at: number) => new Date(at).toISOString().slice(0, 10);

export type DemoTime = { random: Random; now: number };

/** One made-up lead; every twelfth misses or mistypes something, as in life. */
export function makeLead(
	{ random, now }: DemoTime,
	n: number,
	reps: readonly Actor[],
	source?: string
): NewRecord {
	const company = random.int(0, 119);
	const person = makePerson(random, n, random.chance(0.6) ? companyDomain(company) : 'mail.example');
	const data: RecordData = {
		firstName: person.firstName,
		lastName: person.lastName,
		email: n % 37 === 0 ? '' : n % 41 === 0 ? person.email.replace('.example', '') : person.email,
		phone: random.chance(0.97) ? person.phone : '',
		company: random.chance(0.7) ? companyName(company) : '',
		title: random.pick(titles),
		leadSource: source ?? random.pick(leadSources),
		leadStatus: random.pick(leadStatuses),
		rating: random.pick(['Hot', 'Warm', 'Warm', 'Cold']),
		industry: random.pick(industries),
		city: person.city,
		country: person.country,
		description: `Interested in ${random.pick(courses)}.`
	};
	return {
		ownerId: random.pick(reps).userId,
		data,
		tags: random.chance(0.35) ? [random.pick(tagNames)] : [],
		timeZone: person.timeZone,
		emailOptOut: random.chance(0.05),
		callOptOut: random.chance(0.02),
		createdBy: null,
		createdAt: new Date(now - random.int(1, 90) * dayMs - random.int(0, dayMs))
	};
}

/** Some thousand records over leads, accounts, contacts and deals, linked with each other. */
export async function seedRecords(tx: OrgTx, time: DemoTime, reps: readonly Actor[]): Promise<void> {
	const { random, now } = time;
	const some = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
	const past = (maxDays: number) => new Date(now - random.int(1, maxDays) * dayMs - random.int(0, dayMs));
	const common = () => ({ ownerId: random.pick(reps).userId, createdBy: null, createdAt: past(200) });

	const accounts = await insertRecords(
		tx,
		await getModule(tx, 'accounts'),
		some(120, (n) => ({
			...common(),
			data: {
				accountName: companyName(n),
				website: `https://${companyDomain(n)}`,
				email: `office@${companyDomain(n)}`,
				accountType: random.pick(['Customer', 'Customer', 'Prospect', 'Partner']),
				industry: random.pick(industries),
				annualRevenue: random.int(2, 900) * 50_000,
				employees: random.int(8, 2400),
				yearEstablished: random.int(1962, 2021),
				country: makePerson(random, n, 'mail.example').country
			}
		}))
	);
	const contacts = await insertRecords(
		tx,
		await getModule(tx, 'contacts'),
		some(260, (n) => {
			const company = random.int(0, accounts.length - 1);
			const { firstName, lastName, email, phone, city, country, timeZone } = makePerson(
				random,
				1000 + n,
				companyDomain(company)
			);
			return {
				...common(),
				timeZone,
				data: {
					firstName,
					lastName,
					email,
					phone,
					city,
					country,
					title: random.pick(titles),
					account: accounts[company]!
				}
			};
		})
	);
	await insertRecords(
		tx,
		await getModule(tx, 'deals'),
		some(210, (n) => {
			const stage = random.pick(stages);
			const account = random.int(0, accounts.length - 1);
			return {
				...common(),
				data: {
					dealName: `${companyName(account)}: ${random.pick(courses)}`,
					account: accounts[account]!,
					contact: contacts[n % contacts.length]!,
					stage,
					amount: random.int(2, 160) * 250,
					probability: stage === 'Closed Won' ? 100 : stage === 'Closed Lost' ? 0 : random.int(1, 9) * 10,
					closingDate: isoDay(now + random.int(-40, 70) * dayMs),
					dealType: random.pick(['New Business', 'Existing Business', 'Renewal'])
				}
			};
		})
	);
	await insertRecords(
		tx,
		await getModule(tx, 'leads'),
		some(420, (n) => makeLead(time, n, reps))
	);
}
