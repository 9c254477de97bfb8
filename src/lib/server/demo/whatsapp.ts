/** The demo's WhatsApp business account; numbers that the real API never hands out. */
export const demoWhatsapp = {
	name: 'Northwind on WhatsApp (stand-in)',
	phoneNumberId: '100000000000001',
	businessAccountId: '200000000000001'
};
export type DemoWhatsapp = typeof demoWhatsapp & {
	baseUrl: string;
	token: string;
	appSecret: string;
	verifyToken: string;
};
