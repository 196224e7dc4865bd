/**
 * What the pages that the server makes have in common, errors and listings: escaping, and their look. Pure.
 * @module
 */

/** Text of HTML, also inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`) : text;
}

/** Colours for light and dark screens, and the text. Contrast is at least 4.5 to 1. */
export const PAGE_STYLE = `:root{color-scheme:light dark;--ink:#1b2430;--dim:#596473;--paper:#fff;--shade:#f2f5f9;` +
  `--line:#d5dbe3;--link:#0a58ca}` +
  `@media(prefers-color-scheme:dark){:root{--ink:#e3e8ef;--dim:#9eabbb;--paper:#14181e;--shade:#1d242d;` +
  `--line:#323c48;--link:#8cb6ff}}` +
  `body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;` +
  `margin:0 auto;padding:1.5rem;overflow-wrap:anywhere}a{color:var(--link)}` +
  `h1{font-size:1.5rem;line-height:1.25;margin:.25em 0 .75em}`;
