// SPDX-License-Identifier: Apache-2.0
// Bodies of HTML, which Daywire has reduced to its allow-list (proto/README.md). The browser's own sanitizer reads them once
// more; where there is none, the one Trusted Types policy of the widgets says that they are what they are.

let policy;

function trusted(html) {
  policy ??= globalThis.trustedTypes?.createPolicy('daywire', { createHTML: (text) => text }) ?? { createHTML: (text) => text };
  return policy.createHTML(html);
}

/** The nodes, in a document of their own in which nothing runs; none where the embedding page forbids it. */
export function parseHTML(html) {
  try {
    const read = Document.parseHTML ? Document.parseHTML(html, { sanitizer: {} })
      : new DOMParser().parseFromString(trusted(html), 'text/html');
    return [...read.body.childNodes];
  } catch {
    return [];
  }
}

const breaks = {
  br: '\n', caption: '\n', dd: '\n', div: '\n', dt: '\n', li: '\n', tr: '\n', td: ' ', th: ' ',
  blockquote: '\n\n', dl: '\n\n', h2: '\n\n', h3: '\n\n', h4: '\n\n', h5: '\n\n', h6: '\n\n', hr: '\n\n', ol: '\n\n', p: '\n\n',
  pre: '\n\n', table: '\n\n', ul: '\n\n',
};

const readAloud = (nodes) => [...nodes].map((node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/[ \t\n\f\r]+/g, ' ');
  const around = breaks[node.localName] ?? '';
  return around + readAloud(node.childNodes) + (node.localName === 'br' ? '' : around);
}).join('');

/** As plain text: the same as the server's html_text.c. */
export const textOf = (html) => readAloud(parseHTML(html))
  .replace(/[ \n]+/g, (gap) => (gap.includes('\n\n') ? '\n\n' : gap.includes('\n') ? '\n' : ' ')).trim();
