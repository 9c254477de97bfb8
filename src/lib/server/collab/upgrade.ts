import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { and, eq, isNull } from 'drizzle-orm';
import { WebSocketServer, type WebSocket } from 'ws';
import { closeCodes, type CloseCode } from '#lib/collab/closeCodes.ts';
import { can } from '#lib/domain/access/permissions.ts';
import { hashSessionId } from '../auth/sessionAdapter.ts';
import { readSessionCookie, validateSession } from '../auth/sessions.ts';
import { withOrg, type Db } from '../db/client.ts';
import { cadences, documents } from '../db/schema/cadences.ts';
import type { CollabLimits } from './limits.ts';
import type { DocumentKey } from './loadDocument.ts';
import { Peer, type PeerIdentity } from './peer.ts';
import { TokenBucket } from './tokenBucket.ts';

type Options = {
	db: Db;
	origin: string;
	limits: CollabLimits;
	addressOf: (req: IncomingMessage) => string;
	onAccepted: (peer: Peer, generation: number) => void;
	onRefused: () => void;
	onError: (error: unknown) => void;
};
type Target = { cadenceId: string; generation: number; clientId: number | null };
type Admission = { key: DocumentKey; identity: PeerIdentity };
type Refusal = { code: CloseCode; reason: string };

const path = /^\/collab\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/**
 * RELIABILITY.md 3.2.1: who may open a socket. Origin, session, organization and permission are known before anything
 * is sent or read. A refusal that a page must understand is an accepted upgrade closed at once with 44xx: browsers
 * hide the status of a refused one, and the client would try for ever.
 */
export class Gatekeeper {
	#options: Options;
	#wss: WebSocketServer;
	#users = new Map<string, number>();
	#addresses = new Map<string, number>();
	#connects = new Map<string, TokenBucket>();
	#isClosed = false;

	constructor(options: Options) {
		this.#options = options;
		this.#wss = new WebSocketServer({
			noServer: true,
			clientTracking: false,
			perMessageDeflate: false,
			maxPayload: options.limits.maxPayload
		});
	}

	close(): void {
		this.#isClosed = true;
	}

	handle(req: IncomingMessage, socket: Duplex, head: Buffer): void {
		socket.on('error', () => socket.destroy());
		const { origin, limits, addressOf } = this.#options;
		if (this.#isClosed) return this.#refuse(socket, 503);
		if (req.headers.origin !== origin) return this.#refuse(socket, 403);
		const target = parseTarget(req.url);
		if (!target) return this.#refuse(socket, 404);
		const address = addressOf(req);
		if ((this.#addresses.get(address) ?? 0) >= limits.socketsPerAddress) return this.#refuse(socket, 429);
		count(this.#addresses, address, 1);
		socket.once('close', () => count(this.#addresses, address, -1));
		const deadline = setTimeout(() => this.#refuse(socket, 503), limits.upgradeMs);
		this.#decide(req, target)
			.then((decision) => {
				if (socket.destroyed || this.#isClosed) return this.#refuse(socket, 503);
				this.#wss.handleUpgrade(req, socket, head, (ws) => this.#open(ws, socket, target, decision));
			})
			.catch((error: unknown) => {
				this.#options.onError(error);
				this.#refuse(socket, 503);
			})
			.finally(() => clearTimeout(deadline));
	}

	/** Plain HTTP, for what no page of ours would ever see. */
	#refuse(socket: Duplex, status: number): void {
		this.#options.onRefused();
		if (!socket.destroyed)
			socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
				socket.destroy()
			);
	}

	async #decide(req: IncomingMessage, target: Target): Promise<Admission | Refusal> {
		const { db } = this.#options;
		const sessionId = readSessionCookie(db, req.headers.cookie);
		const found = sessionId ? await validateSession(db, sessionId) : null;
		if (!sessionId || !found) return { code: closeCodes.signedOut, reason: 'signed out' };
		const { actor, epoch } = found;
		if (!can(actor, 'cadences.view'))
			return { code: closeCodes.forbidden, reason: 'no permission to see cadences' };
		if (!this.#mayConnect(actor.userId)) return { code: closeCodes.tooMany, reason: 'too many connections' };
		const key = { orgId: actor.orgId, cadenceId: target.cadenceId };
		const generation = await findGeneration(db, key);
		if (generation === null) return { code: closeCodes.notFound, reason: 'no such cadence' };
		if (generation !== target.generation)
			return { code: closeCodes.replaced, reason: 'the draft was replaced' };
		const identity = {
			userId: actor.userId,
			name: actor.name,
			sessionId: hashSessionId(sessionId),
			epoch,
			canEdit: can(actor, 'cadences.manage')
		};
		return { key, identity };
	}

	#mayConnect(userId: string): boolean {
		const { connectsPerMinute, socketsPerUser } = this.#options.limits;
		if (this.#connects.size > 10_000) this.#connects.clear();
		const bucket = this.#connects.get(userId) ?? new TokenBucket(connectsPerMinute / 60, connectsPerMinute);
		this.#connects.set(userId, bucket);
		return bucket.take(1) === 0 && (this.#users.get(userId) ?? 0) < socketsPerUser;
	}

	#open(ws: WebSocket, socket: Duplex, target: Target, decision: Admission | Refusal): void {
		if ('code' in decision) {
			this.#options.onRefused();
			ws.on('error', () => ws.terminate());
			ws.close(decision.code, decision.reason);
			setTimeout(() => ws.terminate(), 2_000).unref();
			return;
		}
		const { key, identity } = decision;
		count(this.#users, identity.userId, 1);
		ws.once('close', () => count(this.#users, identity.userId, -1));
		const peer = new Peer(key, identity, ws, socket, this.#options.limits);
		peer.clientId = target.clientId;
		this.#options.onAccepted(peer, target.generation);
	}
}

/** `/collab/<cadenceId>?generation=n[&client=id]`, nothing looser. */
function parseTarget(url: string | undefined): Target | null {
	if (!url || url.length > 200) return null;
	const { pathname, searchParams } = new URL(url, 'http://here.invalid');
	const cadenceId = path.exec(pathname)?.[1];
	const generation = searchParams.get('generation') ?? '';
	const client = searchParams.get('client');
	if (!cadenceId || !/^\d{1,9}$/.test(generation)) return null;
	if (client !== null && !/^\d{1,15}$/.test(client)) return null;
	return { cadenceId, generation: Number(generation), clientId: client === null ? null : Number(client) };
}

async function findGeneration(db: Db, { orgId, cadenceId }: DocumentKey): Promise<number | null> {
	const [row] = await withOrg(db, orgId, (tx) =>
		tx
			.select({ generation: documents.generation })
			.from(documents)
			.innerJoin(cadences, and(eq(cadences.orgId, documents.orgId), eq(cadences.id, documents.cadenceId)))
			.where(and(eq(documents.orgId, orgId), eq(documents.cadenceId, cadenceId), isNull(cadences.deletedAt)))
	);
	return row?.generation ?? null;
}

function count(map: Map<string, number>, key: string, by: number): void {
	const next = (map.get(key) ?? 0) + by;
	if (next > 0) map.set(key, next);
	else map.delete(key);
}
