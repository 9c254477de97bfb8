import { request, type OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** A WebSocket of few words: whole binary messages alone. What measures must cost less than what is measured. */
export type LightSocket = { send: (payload: Uint8Array) => void; end: () => void };

export function openLightSocket(
	url: string,
	headers: OutgoingHttpHeaders,
	onMessage: (data: Buffer) => void
): Promise<LightSocket> {
	return new Promise((done, fail) => {
		const upgrade = request(url, {
			agent: false,
			headers: {
				...headers,
				connection: 'Upgrade',
				upgrade: 'websocket',
				'sec-websocket-version': '13',
				'sec-websocket-key': Buffer.alloc(16, 3).toString('base64')
			}
		});
		upgrade.on('error', fail);
		upgrade.on('response', ({ statusCode }) => fail(new Error(`${url}: ${statusCode}`)));
		upgrade.on('upgrade', (_response, socket: Socket, head) => {
			socket.setNoDelay(true);
			socket.on('error', () => socket.destroy());
			const read = frameReader(onMessage);
			if (head.length) read(head);
			socket.on('data', read);
			done({
				send: (payload) => void socket.write(frameOf(payload)),
				end: () => socket.destroy()
			});
		});
		upgrade.end();
	});
}

const BINARY = 0x82;
const CLOSE = 0x88;

/** Cuts what a server sends into messages; a part of one waits for the rest. */
function frameReader(onMessage: (data: Buffer) => void): (chunk: Buffer) => void {
	let rest: Buffer | null = null;
	return (chunk) => {
		const data = rest ? Buffer.concat([rest, chunk]) : chunk;
		let at = 0;
		rest = null;
		while (at < data.length) {
			const frame = frameAt(data, at);
			if (!frame) {
				rest = data.subarray(at);
				return;
			}
			if (data[at] === CLOSE) throw new Error(`Closed: ${data.toString('latin1', frame.from, frame.to)}`);
			if (data[at] === BINARY) onMessage(data.subarray(frame.from, frame.to));
			at = frame.to;
		}
	};
}

function frameAt(data: Buffer, at: number): { from: number; to: number } | null {
	if (data.length < at + 2) return null;
	let length = data[at + 1]!;
	let from = at + 2;
	if (length === 126) {
		if (data.length < at + 4) return null;
		length = data.readUInt16BE(from);
		from += 2;
	} else if (length === 127) {
		if (data.length < at + 10) return null;
		length = Number(data.readBigUInt64BE(from));
		from += 8;
	}
	const to = from + length;
	return to <= data.length ? { from, to } : null;
}

/** A client's frame is masked; a mask of zeros leaves the bytes as they are. */
function frameOf(payload: Uint8Array): Buffer {
	const { byteLength } = payload;
	const head = byteLength < 126 ? 6 : 8;
	const frame = Buffer.alloc(head + byteLength);
	frame[0] = BINARY;
	if (head === 6) frame[1] = 0x80 | byteLength;
	else {
		frame[1] = 0x80 | 126;
		frame.writeUInt16BE(byteLength, 2);
	}
	frame.set(payload, head);
	return frame;
}
