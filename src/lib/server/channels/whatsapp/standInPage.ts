import type { SentMessage } from './standIn.ts';

const escape = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:0;background:#efeae2;color:#111b21}main{max-width:42rem;margin:0 auto;padding:1.5rem}
article{background:#fff;border-radius:10px;padding:1rem;margin:0 0 1rem}h1{font-size:1.2rem}small{color:#667781}
p{white-space:pre-wrap;margin:.4rem 0}.mine{background:#d9fdd3;border-radius:8px;padding:.4rem .7rem;margin:.3rem 0 0 auto;width:fit-content}
form{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.6rem}input{flex:1;min-width:10rem;font:inherit;padding:.4rem}button{font:inherit;padding:.4rem .8rem}`;

const article = (
	message: SentMessage
) => `<article><small>to ${escape(message.to)} · ${escape(message.template)}</small>
<p>${escape(message.text)}</p>${message.replies.map((reply) => `<div class="mine">${escape(reply)}</div>`).join('')}
<form method="post" action="/answer"><input type="hidden" name="wamid" value="${message.wamid}">
${message.buttons.map((text) => `<button name="button" value="${escape(text)}">${escape(text)}</button>`).join('')}
<input name="text" aria-label="Answer" placeholder="Answer as this person"><button>Send</button>
<button name="read" value="yes">Mark read</button></form></article>`;

/** The other side of every conversation, newest first. */
export const chatPage = (
	messages: readonly SentMessage[]
): string => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>WhatsApp stand-in</title><style>${style}</style></head>
<body><main><h1>WhatsApp stand-in</h1><p><small>Messages that would have gone to WhatsApp. Answer as the person who got them.</small></p>
${[...messages].reverse().slice(0, 100).map(article).join('') || '<p>No message so far.</p>'}</main></body></html>`;
