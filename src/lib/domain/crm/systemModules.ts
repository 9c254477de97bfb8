import type { FieldType } from './fields.ts';

/** A standard field as it ships; server/modules/createSystemModules.ts stores it. */
type StandardField = {
	key: string;
	label: string;
	type: FieldType;
	options?: readonly string[];
	required?: boolean;
	unique?: boolean;
	lookupModuleKey?: string;
};

export type StandardModule = {
	key: string;
	singular: string;
	plural: string;
	nameFields: readonly string[];
	/** Columns of the shipped views. */
	columns: readonly string[];
	fields: readonly StandardField[];
};

type Extra = Omit<StandardField, 'key' | 'label' | 'type'>;
const field = (key: string, label: string, type: FieldType, extra: Extra = {}): StandardField => ({
	key,
	label,
	type,
	...extra
});
const pick = (key: string, label: string, ...options: string[]) => field(key, label, 'picklist', { options });
const lookup = (key: string, label: string, lookupModuleKey: string) =>
	field(key, label, 'lookup', { lookupModuleKey });

const industry = pick(
	'industry',
	'Industry',
	'Education',
	'Employment',
	'Entertainment',
	'Finance',
	'Marketing',
	'Medical',
	'Manufacturing',
	'Retail',
	'Services',
	'Software',
	'Technology',
	'Telecommunications'
);
const leadSource = pick(
	'leadSource',
	'Lead Source',
	'Advertisement',
	'Chat',
	'Cold Call',
	'Direct Traffic',
	'Event',
	'Organic Search',
	'Partner',
	'Referral',
	'Social Media',
	'Web Form'
);
const person = [
	field('firstName', 'First Name', 'text'),
	field('lastName', 'Last Name', 'text', { required: true }),
	field('email', 'Email', 'email'),
	field('phone', 'Phone', 'phone'),
	field('mobile', 'Mobile', 'phone'),
	field('title', 'Title', 'text')
];
const place = [
	field('street', 'Street', 'text'),
	field('city', 'City', 'text'),
	field('state', 'State', 'text'),
	field('country', 'Country', 'text')
];
const description = field('description', 'Description', 'longText');

/** CRM-1: the modules every organization has, in the order of the navigation. */
export const systemModules: readonly StandardModule[] = [
	{
		key: 'leads',
		singular: 'Lead',
		plural: 'Leads',
		nameFields: ['firstName', 'lastName'],
		columns: ['name', 'company', 'email', 'phone', 'leadSource', 'leadStatus', 'owner', 'createdAt'],
		fields: [
			...person,
			field('company', 'Company', 'text'),
			field('website', 'Website', 'url'),
			leadSource,
			pick(
				'leadStatus',
				'Lead Status',
				'New',
				'Attempted to Contact',
				'Contacted',
				'Qualified',
				'Not Qualified',
				'Lost'
			),
			pick('rating', 'Rating', 'Hot', 'Warm', 'Cold'),
			industry,
			field('annualRevenue', 'Annual Revenue', 'currency'),
			field('employees', 'Employees', 'number'),
			...place,
			description
		]
	},
	{
		key: 'contacts',
		singular: 'Contact',
		plural: 'Contacts',
		nameFields: ['firstName', 'lastName'],
		columns: ['name', 'account', 'email', 'phone', 'title', 'owner', 'createdAt'],
		fields: [
			...person,
			lookup('account', 'Account', 'accounts'),
			field('department', 'Department', 'text'),
			leadSource,
			...place,
			description
		]
	},
	{
		key: 'accounts',
		singular: 'Account',
		plural: 'Accounts',
		nameFields: ['accountName'],
		columns: ['name', 'industry', 'phone', 'website', 'annualRevenue', 'owner', 'createdAt'],
		fields: [
			field('accountName', 'Account Name', 'text', { required: true }),
			field('email', 'Email', 'email'),
			field('phone', 'Phone', 'phone'),
			field('website', 'Website', 'url'),
			pick('accountType', 'Account Type', 'Customer', 'Prospect', 'Partner', 'Vendor', 'Competitor'),
			industry,
			field('annualRevenue', 'Annual Revenue', 'currency'),
			field('employees', 'Employees', 'number'),
			field('yearEstablished', 'Year Established', 'number'),
			lookup('parentAccount', 'Parent Account', 'accounts'),
			...place,
			description
		]
	},
	{
		key: 'deals',
		singular: 'Deal',
		plural: 'Deals',
		nameFields: ['dealName'],
		columns: ['name', 'account', 'contact', 'stage', 'amount', 'closingDate', 'owner'],
		fields: [
			field('dealName', 'Deal Name', 'text', { required: true }),
			lookup('account', 'Account', 'accounts'),
			lookup('contact', 'Contact', 'contacts'),
			pick(
				'stage',
				'Stage',
				'Prospecting',
				'Qualification',
				'Needs Analysis',
				'Proposal',
				'Negotiation',
				'Closed Won',
				'Closed Lost'
			),
			field('amount', 'Amount', 'currency'),
			field('probability', 'Probability', 'percent'),
			field('closingDate', 'Closing Date', 'date'),
			field('product', 'Product', 'text'),
			pick('dealType', 'Type', 'New Business', 'Existing Business', 'Renewal'),
			leadSource,
			field('nextStep', 'Next Step', 'text'),
			description
		]
	},
	{
		key: 'vendors',
		singular: 'Vendor',
		plural: 'Vendors',
		nameFields: ['vendorName'],
		columns: ['name', 'email', 'phone', 'category', 'owner', 'createdAt'],
		fields: [
			field('vendorName', 'Vendor Name', 'text', { required: true }),
			field('contactPerson', 'Contact Person', 'text'),
			field('email', 'Email', 'email'),
			field('phone', 'Phone', 'phone'),
			field('website', 'Website', 'url'),
			pick('category', 'Category', 'Goods', 'Services', 'Software', 'Logistics'),
			...place,
			description
		]
	},
	{
		key: 'quotes',
		singular: 'Quote',
		plural: 'Quotes',
		nameFields: ['subject'],
		columns: ['name', 'deal', 'account', 'quoteStage', 'total', 'validUntil', 'owner'],
		fields: [
			field('subject', 'Subject', 'text', { required: true }),
			field('quoteNumber', 'Quote Number', 'text', { unique: true }),
			lookup('deal', 'Deal', 'deals'),
			lookup('account', 'Account', 'accounts'),
			lookup('contact', 'Contact', 'contacts'),
			field('email', 'Email', 'email'),
			field('phone', 'Phone', 'phone'),
			pick('quoteStage', 'Stage', 'Draft', 'Negotiation', 'Delivered', 'On Hold', 'Confirmed', 'Closed'),
			field('total', 'Total', 'currency'),
			field('validUntil', 'Valid Until', 'date'),
			description
		]
	},
	{
		key: 'assets',
		singular: 'Asset',
		plural: 'Assets',
		nameFields: ['assetName'],
		columns: ['name', 'account', 'assetStatus', 'serialNumber', 'renewalDate', 'owner'],
		fields: [
			field('assetName', 'Asset Name', 'text', { required: true }),
			lookup('account', 'Account', 'accounts'),
			lookup('contact', 'Contact', 'contacts'),
			field('email', 'Email', 'email'),
			field('phone', 'Phone', 'phone'),
			field('serialNumber', 'Serial Number', 'text', { unique: true }),
			pick('assetStatus', 'Status', 'Ordered', 'Shipped', 'Installed', 'In Use', 'Retired'),
			field('price', 'Price', 'currency'),
			field('purchaseDate', 'Purchase Date', 'date'),
			field('installDate', 'Install Date', 'date'),
			field('renewalDate', 'Renewal Date', 'date'),
			description
		]
	}
];

/** A custom module's one name field, made with the module. */
export const customNameField = 'recordName';

/** Field keys that make a record's name. */
export const nameFieldsOf = (moduleKey: string): readonly string[] =>
	systemModules.find((module) => module.key === moduleKey)?.nameFields ?? [customNameField];

/** Columns of a module's shipped views. */
export const standardColumnsOf = (moduleKey: string): readonly string[] =>
	systemModules.find((module) => module.key === moduleKey)?.columns ?? ['name', 'owner', 'createdAt'];
