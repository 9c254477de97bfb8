const closing = `<p>Best regards,<br>{{owner.name}}<br>Northwind Learning</p><p><a href="{{unsubscribeLink}}">Unsubscribe</a></p>`;
const hello = (module: 'lead' | 'contact') => `<p>Hi {{${module}.firstName | default: "there"}},</p>`;

/** The demo's e-mail templates: name -> module key, subject and body in the merge-field grammar. */
export const demoEmailTemplates = [
	{
		name: 'Welcome to Northwind',
		module: 'leads',
		subject: 'Your next course, {{lead.firstName | default: "and a first step"}}',
		html: `${hello('lead')}<p>Thank you for your interest in our evening programs. Most people start with the
			<a href="https://northwind.example/courses">course overview</a>; ten minutes are enough to see which one fits.</p>
			<p>If you like, we can look at it together: <a href="https://northwind.example/book">pick a time</a>.</p>${closing}`
	},
	{
		name: 'Course guide',
		module: 'leads',
		subject: 'The course guide you asked for',
		html: `${hello('lead')}<p>Here is the <a href="https://northwind.example/guide">course guide</a> with dates, prices and
			what former students went on to do.</p><p>Which of the topics on page 4 is closest to your work?</p>${closing}`
	},
	{
		name: 'Still interested?',
		module: 'leads',
		subject: 'Shall I keep your place?',
		html: `${hello('lead')}<p>The next group starts soon and a few places are left. Is now a good time, or shall I come back to
			you next term?</p><p><a href="https://northwind.example/start-dates">See start dates</a></p>${closing}`
	},
	{
		name: 'After the webinar',
		module: 'leads',
		subject: 'Recording and slides of the webinar',
		html: `${hello('lead')}<p>Thank you for being there. The <a href="https://northwind.example/webinar">recording and slides</a>
			are ready, and so are the answers to the questions we did not get to.</p>${closing}`
	},
	{
		name: 'Renewal check-in',
		module: 'contacts',
		subject: 'How is it going, {{contact.firstName | default: "everyone"}}?',
		html: `${hello('contact')}<p>Your team has been learning with us for almost a year. Before the renewal I would like to hear
			what worked and what did not. <a href="https://northwind.example/review">Here is a two-minute form</a>, or just answer
			this mail.</p>${closing}`
	}
] as const;
export type DemoTemplateName = (typeof demoEmailTemplates)[number]['name'];
