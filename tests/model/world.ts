import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { emptyDraft } from '../../src/lib/domain/cadence/draft.ts';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { users } from '../../src/lib/server/db/schema/accounts.ts';
import { cadences, cadenceVersions } from '../../src/lib/server/db/schema/cadences.ts';
import { emailTemplates } from '../../src/lib/server/db/schema/channels.ts';
import { records, views } from '../../src/lib/server/db/schema/crm.ts';
import type { TestDatabase } from '../support/clone.ts';
import { makeWorld, type World } from '../support/engineWorld.ts';
import { connectStandIn } from '../support/whatsapp.ts';
import type { Facts, Journey } from './journeys.ts';
import { names, viewSource } from './plans.ts';
import { others, planOfOther, type Other } from './elsewhere.ts';
import type { Life } from './life.ts';
import type { Office } from './time.ts';

/** Active cadences that one module may have (Ultimate); the rest are for other cadences to enroll into. */
const perOrg = 45;
const orgs = 6;
/** As many as share the cost of a turn of the engine. */
export const journeysAtOnce = perOrg * orgs;

/** The autumn in which the clocks of Berlin and New York change. */
export const start = Date.parse('2026-10-21T06:00:00Z');
const day = { from: '09:00', to: '17:00' };
const office: Office = {
	zone: 'Europe/Berlin',
	hours: { 1: day, 2: day, 3: { from: '08:15', to: '12:00' }, 4: day, 5: day },
	holidays: ['2026-10-26', '2026-11-11', '2026-12-25']
};

type Place = World & { ids: Map<string, string> };
export type ModelWorld = { db: TestDatabase; places: Place[] };

/** Organizations for journeys, and a clock that stands still between two turns. */
export async function makeModelWorld(db: TestDatabase): Promise<ModelWorld> {
	await db.admin.execute(
		sql.raw(`create or replace function app.now() returns timestamptz language sql stable parallel safe
			as $$ select timestamptz '${new Date(start).toISOString()}' + (select shift from app.clock) $$`)
	);
	await db.admin.execute(sql`select app.ensure_event_partitions('2026-10-01', 40)`);
	const places: Place[] = [];
	for (let n = 0; n < orgs; n++) places.push(await makePlace(db));
	return { db, places };
}

async function makePlace(db: TestDatabase): Promise<Place> {
	const world = await makeWorld(db, { timeZone: office.zone });
	const { orgId, actor } = world;
	await db.admin.execute(sql`
		update organizations set edition = 'ultimate', emails_per_day = 1000000,
			business_hours = ${JSON.stringify(office.hours)}::jsonb, holidays = ${JSON.stringify(office.holidays)}::jsonb
		where id = ${orgId}`);
	const idle = newId();
	await db.admin.insert(users).values({
		orgId,
		id: idle,
		email: `${idle}@users.example`,
		name: 'Gone',
		passwordHash: '-',
		profileId: actor.profileId,
		active: false
	});
	const [second, third] = [newId(), newId()];
	await db.admin.insert(users).values(
		[second, third].map((id) => ({
			orgId,
			id,
			email: `${id}@users.example`,
			name: 'Colleague',
			passwordHash: '-',
			profileId: actor.profileId
		}))
	);
	const gone = newId();
	await db.admin
		.insert(emailTemplates)
		.values({ orgId, id: gone, name: 'Gone', subject: '', html: '', deletedAt: new Date(0) });
	const templates = await withOrg(db.owner, orgId, (tx) => connectStandIn(tx, orgId, 'http://127.0.0.1:1'));
	const approved = await db.admin.execute<{ id: string }>(
		sql`select id from whatsapp_templates where org_id = ${orgId} and status = 'APPROVED' limit 1`
	);
	const ids = new Map<string, string>([
		[names.template, world.templateId],
		[names.goneTemplate, gone],
		[names.whatsapp, approved[0]?.id ?? [...templates.values()][0]!],
		[names.idle, idle],
		[names.second, second],
		[names.third, third],
		[names.owner, actor.userId]
	]);
	return { ...world, ids };
}

/** One journey's rows. */
export type Seat = {
	orgId: string;
	actor: Actor;
	cadenceId: string;
	versionId: string;
	viewId: string;
	recordId: string;
	/** The record that it is merged into. */
	winnerId: string;
	enrollmentId: string | null;
	email: string;
	/** Versions of its cadence. */
	versions: number;
	ids: Map<string, string>;
};

/** Ids of the world in place of names. */
const realPlan = (plan: Plan, ids: Map<string, string>): Plan =>
	JSON.parse(JSON.stringify(plan), (_, value: unknown) =>
		typeof value === 'string' ? (ids.get(value) ?? value) : value
	) as Plan;

/** A further version of a journey's cadence. */
export async function storePlan(tx: OrgTx, seat: Seat, versionId: string, plan: Plan): Promise<Plan> {
	const real = realPlan(plan, seat.ids);
	await tx.insert(cadenceVersions).values({
		orgId: seat.orgId,
		id: versionId,
		cadenceId: seat.cadenceId,
		n: ++seat.versions,
		plan: real,
		planSha256: versionId,
		graph: emptyDraft(),
		docGeneration: 1,
		docSeq: 0,
		publishedBy: seat.actor.userId
	});
	return real;
}

const addressOf = (seat: Pick<Seat, 'email'>, facts: Facts): string =>
	facts.email === 'ok' ? seat.email : facts.email;

export const dataOf = (seat: Pick<Seat, 'email'>, facts: Facts) => ({
	lastName: seat.email,
	email: addressOf(seat, facts),
	phone: facts.phone,
	leadStatus: facts.status,
	leadSource: facts.source,
	...(facts.rating !== null && { rating: facts.rating }),
	...(facts.employees !== null && { employees: facts.employees })
});

/** A cadence and a record per journey; every table of runs is empty again before. */
export async function seatJourneys(
	{ db, places }: ModelWorld,
	journeys: readonly Journey[]
): Promise<Seat[]> {
	await db.admin.execute(sql`
		truncate records, views, cadences, cadence_versions, enrollments, action_runs, messages, webhook_calls, activities, events, responses,
			record_changes, report_deltas, suppressions, email_quotas, audit_entries, notifications cascade`);
	await db.admin.execute(sql`update app.clock set shift = '0'`);
	const seats = journeys.map((_, n): Seat => {
		const { orgId, actor } = places[Math.floor(n / perOrg)]!;
		const recordId = newId();
		return {
			...{
				orgId,
				actor,
				recordId,
				winnerId: newId(),
				cadenceId: newId(),
				versionId: newId(),
				viewId: newId(),
				enrollmentId: null
			},
			email: `lead-${recordId}@example.org`,
			versions: 1,
			ids: places[Math.floor(n / perOrg)]!.ids
		};
	});
	const placed = journeys.map((journey, n) => ({
		journey,
		seat: seats[n]!,
		place: places[Math.floor(n / perOrg)]!
	}));
	await db.admin.insert(records).values(
		placed.map(({ journey: { facts }, seat, place }) => ({
			orgId: seat.orgId,
			id: seat.recordId,
			moduleId: place.moduleId,
			name: 'Lead',
			ownerId: seat.actor.userId,
			timeZone: facts.zone,
			emailOptOut: facts.optOut.email,
			callOptOut: facts.optOut.call,
			whatsappOptOut: facts.optOut.whatsapp,
			tags: facts.tags,
			data: dataOf(seat, facts)
		}))
	);
	await db.admin.insert(records).values(
		placed.map(({ seat, place }) => ({
			orgId: seat.orgId,
			id: seat.winnerId,
			moduleId: place.moduleId,
			name: 'Twin',
			ownerId: seat.actor.userId,
			data: { lastName: 'Twin', leadStatus: 'New', leadSource: 'Referral' }
		}))
	);
	const elsewhere = places.flatMap((place) =>
		Object.entries(others).map(([name, other]) => otherCadence(place, name, other))
	);
	await storeCadences(db, [
		...elsewhere,
		...placed.map(({ journey, seat, place }) => ({
			place,
			...seat,
			enrollment: journey.enrollment,
			cadence: 'active' as const,
			plan: journey.plan,
			audience: seat.email
		}))
	]);
	return seats;
}

type Cadence = Pick<Life, 'enrollment' | 'cadence' | 'plan'> & {
	place: Place;
	cadenceId: string;
	versionId: string;
	viewId: string;
	/** The last name of whom its view shows. */
	audience: string;
};

function otherCadence(place: Place, name: string, other: Other): Cadence {
	const cadenceId = newId();
	place.ids.set(name, cadenceId);
	return {
		...other,
		...{ place, cadenceId, versionId: newId(), viewId: newId() },
		plan: planOfOther(other),
		audience: 'Nobody'
	};
}

async function storeCadences(db: TestDatabase, wanted: readonly Cadence[]): Promise<void> {
	await db.admin.insert(views).values(
		wanted.map(({ viewId, place, audience }) => ({
			orgId: place.orgId,
			id: viewId,
			moduleId: place.moduleId,
			name: `View ${viewId}`,
			// Nobody else's record.
			criteria: {
				all: [
					{ field: 'lastName', op: 'is' as const, value: audience },
					{ field: 'leadSource', op: 'is' as const, value: viewSource }
				]
			},
			columns: ['name'],
			sort: { field: 'name', direction: 'asc' as const }
		}))
	);
	await db.admin.insert(cadences).values(
		wanted.map(({ cadenceId, versionId, viewId, place, enrollment, cadence }) => ({
			orgId: place.orgId,
			id: cadenceId,
			moduleId: place.moduleId,
			name: `Cadence ${cadenceId}`,
			enrollmentKind: enrollment,
			viewId: enrollment === 'view' ? viewId : null,
			state: cadence,
			activeVersionId: versionId,
			// Scans are called by their own name.
			scannedAt: new Date('2090-01-01T00:00:00Z'),
			createdBy: place.actor.userId
		}))
	);
	await db.admin.insert(cadenceVersions).values(
		wanted.map(({ cadenceId, versionId, place, plan }) => ({
			orgId: place.orgId,
			id: versionId,
			cadenceId,
			n: 1,
			plan: realPlan(plan, place.ids),
			planSha256: versionId,
			graph: emptyDraft(),
			docGeneration: 1,
			docSeq: 0,
			publishedBy: place.actor.userId
		}))
	);
}

/** What a journey calls a user or another cadence. */
export const nameOf = (seat: Seat, id: string): string =>
	[...seat.ids].find(([, one]) => one === id)?.[0] ?? id;

export const lifeOf = ({ plan, enrollment, facts, relay }: Journey): Life => ({
	...newLife(plan, 'active', enrollment, facts),
	relay,
	elsewhere: new Map(
		Object.entries(others).map(([name, other]) => [
			name,
			newLife(planOfOther(other), other.cadence, other.enrollment, facts)
		])
	)
});

const newLife = (
	plan: Plan,
	cadence: Life['cadence'],
	enrollment: Life['enrollment'],
	facts: Facts
): Life => ({
	plan,
	cadence,
	enrollment,
	facts,
	now: start,
	gone: null,
	converted: false,
	office,
	relay: [],
	relayed: 0,
	suppressed: new Map(),
	changed: true,
	leftOut: false,
	run: null,
	inbox: [],
	reached: [],
	messages: [],
	activities: [],
	log: [],
	executed: new Set(),
	variants: new Map(),
	turns: new Map(),
	elsewhere: new Map()
});
