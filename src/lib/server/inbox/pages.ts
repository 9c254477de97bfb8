import type { UnsubscribeView } from './unsubscribe.ts';

const escape = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** `an***@example.org`: the page may be seen by whoever a mail was forwarded to. */
const mask = (address: string) => address.replace(/^(.{1,2})[^@]*/, '$1***');

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #fff; --back: #f4f6f8; --line: #dde2e8; --accent: #1f5fd0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --soft: #a3aebb; --paper: #171c23; --back: #0f1318; --line: #2b333d; --accent: #7aa7ff; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { box-sizing: border-box; width: min(30rem, calc(100vw - 2rem)); padding: 2rem; background: var(--paper); border: 1px solid var(--line); border-radius: 12px; }
h1 { margin: 0 0 .5rem; font-size: 1.3rem; } p { margin: 0 0 1.25rem; color: var(--soft); }
button { font: inherit; font-weight: 600; padding: .6rem 1.1rem; border: 0; border-radius: 8px; background: var(--accent); color: var(--paper); cursor: pointer; }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }`;

const page = (title: string, body: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escape(title)}</title><style>${style}</style></head>
<body><main>${body}</main></body></html>`;

/** The question before, the confirmation after. */
export function unsubscribePage(view: UnsubscribeView): string {
	const who = escape(mask(view.address));
	const organization = escape(view.organization);
	if (view.done)
		return page(
			'Unsubscribed',
			`<h1>You are unsubscribed</h1><p>${organization} will send no more e-mail to ${who}.</p>`
		);
	return page(
		'Unsubscribe',
		`<h1>Stop e-mail from ${organization}?</h1><p>No more e-mail will be sent to ${who}.</p>
		<form method="post"><button type="submit" name="confirm" value="yes">Unsubscribe</button></form>`
	);
}

/** One answer for every link that is not ours, whatever is wrong with it. */
export const unknownLinkPage = (): string =>
	page(
		'Link not valid',
		'<h1>This link is not valid</h1><p>It may have been cut off. Open it from the original mail.</p>'
	);
