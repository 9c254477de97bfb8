import sanitizeHtml from 'sanitize-html';

const inline = ['style', 'class', 'align', 'width', 'height', 'title', 'dir', 'lang'];
const color = [/^#[0-9a-f]{3,8}$/i, /^rgba?\([\d\s.,%]+\)$/i, /^[a-z]{1,30}$/i];
const size = [/^-?\d{1,4}(\.\d{1,3})?(px|em|rem|%|pt)?$/, /^auto$/];
const sizes = [
	/^(-?\d{1,4}(\.\d{1,3})?(px|em|rem|%|pt)?|auto)(\s+(-?\d{1,4}(\.\d{1,3})?(px|em|rem|%|pt)?|auto)){0,3}$/
];

const options: sanitizeHtml.IOptions = {
	allowedTags: [
		...['p', 'br', 'hr', 'div', 'span', 'blockquote', 'pre', 'code', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
		...['strong', 'b', 'em', 'i', 'u', 's', 'sub', 'sup', 'small', 'mark', 'a', 'img', 'ul', 'ol', 'li'],
		...['table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'caption', 'colgroup', 'col', 'center', 'font']
	],
	allowedAttributes: {
		'*': inline,
		a: [...inline, 'href', 'name', 'rel', 'target'],
		img: [...inline, 'src', 'alt', 'border'],
		table: [...inline, 'border', 'cellpadding', 'cellspacing', 'bgcolor', 'role'],
		td: [...inline, 'colspan', 'rowspan', 'valign', 'bgcolor'],
		th: [...inline, 'colspan', 'rowspan', 'valign', 'bgcolor'],
		font: [...inline, 'color', 'face', 'size']
	},
	allowedStyles: {
		'*': {
			color,
			'background-color': color,
			'text-align': [/^(left|right|center|justify)$/],
			'text-decoration': [/^[a-z -]{1,40}$/],
			'font-weight': [/^(\d{3}|bold|normal|bolder|lighter)$/],
			'font-style': [/^(normal|italic|oblique)$/],
			'font-size': size,
			'font-family': [/^[\w\s,"'-]{1,200}$/],
			'line-height': size,
			margin: sizes,
			padding: sizes,
			'max-width': size,
			width: size,
			height: size,
			display: [/^(block|inline|inline-block|none|table|table-cell)$/],
			border: [/^[\w\s#%.]{1,60}$/],
			'border-radius': sizes,
			'vertical-align': [/^[a-z-]{1,20}$/]
		}
	},
	allowedSchemes: ['http', 'https', 'mailto', 'tel'],
	allowedSchemesByTag: { img: ['http', 'https', 'cid'] },
	allowProtocolRelative: false,
	disallowedTagsMode: 'discard',
	enforceHtmlBoundary: false,
	nestingLimit: 60
};

/**
 * RELIABILITY.md 4: an author's HTML through an allow-list, at save and again before it is sent. Scripts, forms,
 * frames, event handlers and other addresses than web, mail and phone do not survive; merge fields do.
 */
export const sanitizeEmail = (html: string): string => sanitizeHtml(html, options);
