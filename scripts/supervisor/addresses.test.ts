import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { chooseInboundPort, choosePort, localAddress, whyNot } from './addresses.ts';
import { describeProduct } from './banner.ts';

test('OPS-1: PORT=0 is any free port, and a wanted port is kept', async () => {
	const any = await choosePort({ PORT: '0' });
	expect(any).toBeGreaterThan(0);
	expect(await choosePort({ PORT: String(any) })).toBe(any);
});

test('OPS-1: a port is called taken only when it is', async () => {
	const other = createServer().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const port = String((other.address() as AddressInfo).port);
	await expect(choosePort({ PORT: port })).rejects.toThrow(`Port ${port} is taken by another program.`);
	other.close();
	// 192.0.2.0/24 is for documentation: no machine has it.
	for (const env of [
		{ HOST: '192.0.2.1', PORT: '0' },
		{ HOST: '192.0.2.1' },
		{ HOST: 'no-such-host.invalid' }
	])
		await expect(choosePort(env)).rejects.toThrow(`HOST=${env.HOST} is no address of this machine. Set HOST`);
	const denied = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
	expect(whyNot(denied, '127.0.0.1', '80')).toMatch(
		/^The system does not let this user listen on port 80\. Set PORT/
	);
	const odd = Object.assign(new Error('listen EMFILE'), { code: 'EMFILE' });
	expect(whyNot(odd, '127.0.0.1', '80')).toContain('listen EMFILE');
});

test.for([
	[undefined, 'http://127.0.0.1:3000'],
	['', 'http://127.0.0.1:3000'],
	['localhost', 'http://localhost:3000'],
	['192.168.1.5', 'http://192.168.1.5:3000'],
	['0.0.0.0', 'http://127.0.0.1:3000'],
	['::1', 'http://[::1]:3000'],
	['::', 'http://[::1]:3000'],
	['fd00::2', 'http://[fd00::2]:3000']
] as const)('OPS-1: what listens on HOST=%s is asked at %s', ([host, address]) => {
	expect(localAddress(host, 3000)).toBe(address);
	expect(URL.canParse(address)).toBe(true);
});

test('OPS-1: INBOUND_SMTP_PORT=0 switches the listener off, and the banner names no port', async () => {
	expect(await chooseInboundPort({ INBOUND_SMTP_PORT: '0' })).toBe(0);
	expect(await chooseInboundPort({ INBOUND_SMTP_PORT: '2600' })).toBe(2600);
	const port = await chooseInboundPort({});
	expect(port).toBeGreaterThan(0);
	const banner = (inboundPort: number) =>
		describeProduct({
			origin: 'http://localhost:3000',
			mailPage: null,
			whatsappPage: null,
			inboundPort,
			logFolder: '/log',
			signIns: []
		});
	expect(banner(port)).toContain(`Replies and bounces to: smtp://127.0.0.1:${port}`);
	expect(banner(0)).not.toContain('Replies');
});
