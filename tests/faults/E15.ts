import { Socket } from 'node:net';
import { smtpCases } from '../support/smtpCases.ts';
import { makeOrgs, meetCase } from './E15/meetCase.ts';
import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

/** RFC 5321 waits ten minutes for an answer; here it is this long, nothing else of the product is hurried. */
const STALL_MS = 4_000;
const TEN_MINUTES_MS = 600_000;

/** Lets only the long silence of a line end early. */
function shortenSilence(): () => void {
	const original = Reflect.get(Socket.prototype, 'setTimeout') as Socket['setTimeout'];
	Socket.prototype.setTimeout = function (this: Socket, ms: number, done?: () => void) {
		return original.call(this, ms === TEN_MINUTES_MS ? STALL_MS : ms, done);
	};
	return () => {
		Socket.prototype.setTimeout = original;
	};
}

/** E15: 40 ways in which a relay answers or breaks, 50 mails each; people beside them are served meanwhile. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const each = scaled(context, 50, 3);
		const orgs = await makeOrgs(db);
		const restore = shortenSilence();
		const sum = { right: 0, duplicates: 0, neighbours: 0, neighboursServed: 0 };
		try {
			for (const [i, one] of smtpCases.entries()) {
				const met = await meetCase(db, orgs, one, { n: i, each });
				sum.right += met.right;
				sum.duplicates += met.duplicates;
				sum.neighbours += met.neighbours;
				sum.neighboursServed += met.neighboursServed;
				if (met.right < each || met.neighboursServed < met.neighbours)
					context.log(
						`${JSON.stringify(one)}: ${met.right} of ${each} right, found ${met.found}; neighbours ${met.neighboursServed} of ${met.neighbours}`
					);
			}
		} finally {
			restore();
		}
		const mails = smtpCases.length * each;
		return conclude(context, { cases: smtpCases.length, mails, ...sum }, [
			['40 cases', smtpCases.length === 40],
			[`class right ${mails} of ${mails}`, sum.right === mails],
			['0 duplicates', sum.duplicates === 0],
			['neighbours unaffected', sum.neighboursServed === sum.neighbours]
		]);
	});
export default campaign;
