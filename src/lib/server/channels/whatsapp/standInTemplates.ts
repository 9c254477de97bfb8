/** Templates of the stand-in: approved, one with buttons, one that is still waiting. */
export const standInTemplates = [
	{
		id: '900000000000001',
		name: 'short_reminder',
		language: 'en_US',
		status: 'APPROVED',
		category: 'MARKETING',
		components: [
			{ type: 'BODY', text: 'Hi {{1}}, did you have time to look at the course guide? Just answer here.' },
			{
				type: 'BUTTONS',
				buttons: [
					{ type: 'QUICK_REPLY', text: 'Interested' },
					{ type: 'QUICK_REPLY', text: 'Not now' }
				]
			}
		]
	},
	{
		id: '900000000000002',
		name: 'appointment',
		language: 'en_US',
		status: 'APPROVED',
		category: 'UTILITY',
		components: [{ type: 'BODY', text: 'Hi {{1}}, this is {{2}}. When may I call you this week?' }]
	},
	{
		id: '900000000000003',
		name: 'summer_offer',
		language: 'en_US',
		status: 'PENDING',
		category: 'MARKETING',
		components: [{ type: 'BODY', text: 'Hi {{1}}, our summer courses are 20 % off until Friday.' }]
	}
] as const;
