export interface DemoSignIn {
	name: string;
	email: string;
	password: string;
	profile: string;
}

const password = 'cadenza-demo';

/** The six people of the demo organization. */
export const demoSignIns: DemoSignIn[] = [
	{ name: 'Ada Novak', email: 'ada@northwind.example', password, profile: 'Administrator' },
	{ name: 'Marcus Reyes', email: 'marcus@northwind.example', password, profile: 'Manager' },
	{ name: 'Priya Raman', email: 'priya@northwind.example', password, profile: 'Rep' },
	{ name: 'Tom Okafor', email: 'tom@northwind.example', password, profile: 'Rep' },
	{ name: 'Lena Fischer', email: 'lena@northwind.example', password, profile: 'Analyst' },
	{ name: 'Vic Moreau', email: 'vic@northwind.example', password, profile: 'View only' }
];
