import {
	limitsOf,
	type EditionSettings,
	type Limits,
	type Subscription
} from '#lib/domain/access/editions.ts';
import { getConfig } from '../config.ts';

/** LIM-4: actions per cadence and e-mails per day of each edition, as this deployment sets them. */
export function editionSettings(): EditionSettings {
	const config = getConfig();
	return {
		standard: {
			actions: config.ACTIONS_PER_CADENCE_STANDARD,
			emailsPerDay: config.EMAILS_PER_DAY_STANDARD
		},
		professional: {
			actions: config.ACTIONS_PER_CADENCE_PROFESSIONAL,
			emailsPerDay: config.EMAILS_PER_DAY_PROFESSIONAL
		},
		enterprise: {
			actions: config.ACTIONS_PER_CADENCE_ENTERPRISE,
			emailsPerDay: config.EMAILS_PER_DAY_ENTERPRISE
		},
		ultimate: {
			actions: config.ACTIONS_PER_CADENCE_ULTIMATE,
			emailsPerDay: config.EMAILS_PER_DAY_ULTIMATE
		}
	};
}

/** LIM-1..LIM-4: what an organization may do in this deployment. */
export const deployedLimits = (subscription: Subscription): Limits =>
	limitsOf(subscription, editionSettings());
