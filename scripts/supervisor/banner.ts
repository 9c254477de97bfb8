import type { DemoSignIn } from '../../src/lib/server/demo/signIns.ts';

export interface ProductAddresses {
	origin: string;
	mailPage: string | null;
	whatsappPage: string | null;
	/** 0: nothing listens for replies and bounces. */
	inboundPort: number;
	logFolder: string;
	signIns: DemoSignIn[];
}

/** What a person needs to begin: where it is, and how to get in. */
export function describeProduct(product: ProductAddresses): string {
	const width = Math.max(0, ...product.signIns.map((signIn) => signIn.email.length));
	const lines = ['', `Cadenza is ready:  ${product.origin}`, ''];
	if (product.signIns.length) {
		lines.push('Sign in as');
		for (const { email, password, profile } of product.signIns) {
			lines.push(`  ${email.padEnd(width)}  ${password}  (${profile})`);
		}
		lines.push('');
	}
	if (product.mailPage)
		lines.push(`Mails that it sends:    ${product.mailPage}  (nothing leaves this machine)`);
	if (product.whatsappPage) lines.push(`WhatsApp stand-in:      ${product.whatsappPage}`);
	if (product.inboundPort) lines.push(`Replies and bounces to: smtp://127.0.0.1:${product.inboundPort}`);
	lines.push(`Logs:                   ${product.logFolder}`, '', 'Stop with Ctrl-C.');
	return lines.join('\n');
}
