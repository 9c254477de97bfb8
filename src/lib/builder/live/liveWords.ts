import type { LiveFigures } from '#lib/domain/report/live.ts';
import { formatNumber } from '#lib/ui/plural.ts';

/** COL-5, CAD-3: what the figures are of; of an inactive cadence nothing is live. */
export function bannerWords({ version, active, enrolled }: Omit<LiveFigures, 'nodes' | 'starting'>): string {
	if (version === null) return 'Nothing runs yet: figures appear when the cadence is published.';
	const count = `${formatNumber(enrolled)} enrolled`;
	return active
		? `Version ${version} is live: ${count}`
		: `Inactive, nothing runs now. Version ${version}: ${count}`;
}

/** The same above the figures of one step. */
export const versionWords = ({ version, active }: Pick<LiveFigures, 'version' | 'active'>): string =>
	`Version ${version ?? ''}, ${active ? 'live' : 'inactive'}`;
