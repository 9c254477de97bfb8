import { Socket } from 'node:net';

/**
 * E16: loaded into a process (`node --import`): whoever makes it write a text that holds the word ends it on the spot, as
 * the kernel does when memory is short: no handlers, no clean-up. The product knows nothing of it.
 */
const word = Buffer.from('ends-this-process');
const write = Reflect.get(Socket.prototype, 'write') as (this: Socket, ...args: unknown[]) => boolean;
Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
	const [chunk] = args;
	if (
		(typeof chunk === 'string' && chunk.includes(String(word))) ||
		(chunk instanceof Uint8Array && Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).includes(word))
	)
		process.kill(process.pid, 'SIGKILL');
	return write.apply(this, args);
};
