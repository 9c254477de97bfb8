import { BlockList, isIP } from 'node:net';

const refused = new BlockList();
for (const [net, bits] of [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['224.0.0.0', 4],
	['240.0.0.0', 4]
] as const)
	refused.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
	['::', 96],
	['64:ff9b::', 96],
	['64:ff9b:1::', 48],
	['2002::', 16],
	['fc00::', 7],
	['fe80::', 10],
	['ff00::', 8]
] as const)
	refused.addSubnet(net, bits, 'ipv6');

/** RELIABILITY.md 4, SSRF: false for private, loopback, link-local, carrier, metadata and mapped addresses. */
export function isPublicAddress(address: string): boolean {
	const family = isIP(address);
	if (family === 4) return !refused.check(address, 'ipv4');
	if (family !== 6) return false;
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
	if (mapped) return isPublicAddress(mapped);
	// BlockList reads ::ffff:7f00:1 as the IPv4 address it stands for.
	return !refused.check(address, 'ipv6') && !/^::ffff:/i.test(address);
}
