// SPDX-License-Identifier: Apache-2.0
// Nodes by DOM calls alone: no text ever becomes markup, and nothing here is a Trusted Types sink.

/** h('a', { href, lang: null }, 'text', child): attributes of null or false are left out, those of true are empty. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Writes only what changed. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
