/** SPEC.md 12. The last two columns are what a deployment starts from unless it sets others (LIM-4). */
export const editions = {
	standard: { label: 'Standard', created: 20, active: 10, actions: 30, emailsPerDay: 500 },
	professional: { label: 'Professional', created: 40, active: 20, actions: 50, emailsPerDay: 1_000 },
	enterprise: { label: 'Enterprise', created: 60, active: 30, actions: 70, emailsPerDay: 2_000 },
	ultimate: { label: 'Ultimate', created: 70, active: 50, actions: 100, emailsPerDay: 5_000 }
} as const;
export type Edition = keyof typeof editions;

/** LIM-2: active cadences never exceed this per module, whatever is bought. */
const maxActive = 70;

/** LIM-2: 60 / 50 / 40 / 20 by edition. */
export const maxAddOns = (edition: Edition): number => maxActive - editions[edition].active;

export type Subscription = {
	edition: Edition;
	addOns: number;
	/** This organization's own figures; null = the edition's. */
	actionsPerCadence: number | null;
	emailsPerDay: number | null;
};

export type Limits = {
	/** Cadences per module that exist, drafts included (LIM-1). */
	created: number;
	/** Cadences per module that are active. */
	active: number;
	/** Actions in one cadence. */
	actions: number;
	emailsPerDay: number;
};

/** LIM-4: what the deployment sets for each edition. */
export type EditionSettings = Record<Edition, Pick<Limits, 'actions' | 'emailsPerDay'>>;

/** LIM-2, LIM-4: each add-on adds one to created and one to active, in every module; the rest is the deployment's. */
export function limitsOf(subscription: Subscription, settings: EditionSettings): Limits {
	const base = editions[subscription.edition];
	const addOns = Math.max(0, Math.min(subscription.addOns, maxAddOns(subscription.edition)));
	return {
		created: base.created + addOns,
		active: base.active + addOns,
		actions: subscription.actionsPerCadence ?? settings[subscription.edition].actions,
		emailsPerDay: subscription.emailsPerDay ?? settings[subscription.edition].emailsPerDay
	};
}
