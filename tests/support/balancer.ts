import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export type Balancer = {
	port: number;
	ports: number[];
	/** Ends every other connection: who had it comes again. */
	cutHalf: () => void;
	close: () => Promise<void>;
};

/** What stands before several app processes: each connection goes to the next of `ports` that answers. */
export async function startBalancer(ports: number[]): Promise<Balancer> {
	const sockets = new Set<Socket>();
	let turn = 0;
	const join = (socket: Socket, left: number) => {
		const behind = connect(ports[turn++ % ports.length]!, '127.0.0.1');
		behind.once('error', () => {
			behind.destroy();
			if (left > 1 && !socket.destroyed) join(socket, left - 1);
			else socket.destroy();
		});
		behind.once('connect', () => {
			behind.removeAllListeners('error');
			behind.on('error', () => socket.destroy());
			behind.on('close', () => socket.destroy());
			socket.on('close', () => behind.destroy());
			socket.pipe(behind);
			behind.pipe(socket);
		});
	};
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => socket.destroy());
		socket.on('close', () => sockets.delete(socket));
		join(socket, ports.length);
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	return {
		port: (server.address() as AddressInfo).port,
		ports,
		cutHalf: () => [...sockets].forEach((socket, index) => index % 2 && socket.destroy()),
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((done) => server.close(done));
		}
	};
}
