/**
 * Markdown as safe HTML: no HTML of the text, no scripts, pictures of the same host only. Loaded for the first README.
 * @module
 */

import MarkdownIt from "markdown-it";
import { escapeHtml } from "../http/html.ts";
import type { Slices } from "../files/slices.ts";

type Env = Record<string, unknown>;

type Token = InstanceType<typeof MarkdownIt.Token>;

/**
 * A longer text of one block is shown without formatting, because it is parsed at once, and the time for hostile text
 * grows with the square of its length: 256 KiB of `![` would take 0.7 seconds, and 16 KiB take 3 ms.
 */
const PARSED_TEXT_CHARS_MAX = 16 * 1024;

/** Stands for the rule that parses the text of all blocks, which is done in slices instead. */
const inlineRule = () => {};

/** Without HTML, and without links of words that look like addresses. Links of other schemes than the web's stay text. */
const markdown = new MarkdownIt({ html: false, linkify: false });

markdown.core.ruler.at("inline", inlineRule);

/** Headings begin at the second level, because the page has one of the first. */
markdown.renderer.rules["heading_open"] = (tokens, index) => `<${shifted(tokens[index]!.tag)}>`;
markdown.renderer.rules["heading_close"] = (tokens, index) => `</${shifted(tokens[index]!.tag)}>\n`;

function shifted(tag: string): string {
  return `h${Math.min(6, Number(tag.slice(1)) + 1)}`;
}

markdown.renderer.rules["image"] = (tokens, index, options, env, self) => {
  const token = tokens[index]!;
  const alt = self.renderInlineAsText(token.children ?? [], options, env);
  const source = String(token.attrGet("src") ?? "");
  if (!isElsewhere(source)) return `<img src="${escapeHtml(source)}" alt="${escapeHtml(alt)}" loading="lazy">`;
  // The policy of the page forbids it, and it would tell another server who reads this page.
  return `<a href="${escapeHtml(source)}" rel="noreferrer">${escapeHtml(alt === "" ? source : alt)}</a>`;
};

markdown.renderer.rules["link_open"] = (tokens, index, options, _env, self) => {
  const token = tokens[index]!;
  if (isElsewhere(String(token.attrGet("href") ?? ""))) token.attrSet("rel", "noreferrer");
  return self.renderToken(tokens, index, options);
};

/** Long lines of code can be scrolled, so the keyboard must reach them. */
for (const name of ["fence", "code_block"]) {
  const usual = markdown.renderer.rules[name]!;
  markdown.renderer.rules[name] = (...parameters) => usual(...parameters).replace("<pre", '<pre tabindex="0"');
}

/** Whether an address leads to another host. */
function isElsewhere(address: string): boolean {
  return /^[a-z][a-z0-9+.-]*:|^[\\/]{2}/i.test(address);
}

/** Alignment of cells as a class, because the policy permits no style attributes. */
function alignByClass(tokens: readonly Token[]): void {
  for (const token of tokens) {
    const style = token.attrIndex("style");
    if (style < 0) continue;
    const [, side] = /^text-align:\s*([a-z]+)/.exec(String(token.attrs![style]![1])) ?? [];
    token.attrs![style] = ["class", `al-${side}`];
  }
}

/**
 * Renders in slices: first the blocks, then the text of each block, then the HTML. Rendering 256 KiB at once would take a quarter of a
 * second.
 */
export async function renderMarkdown(text: string, slices: Slices): Promise<string> {
  const env: Env = {};
  const state = new markdown.core.State(text, markdown, env);
  for (const rule of markdown.core.ruler.getRules("")) {
    await slices.pause();
    if (rule !== inlineRule) rule(state);
    else await parseInline(state.tokens, env, slices);
  }
  alignByClass(state.tokens);
  return await renderTokens(state.tokens, env, slices);
}

async function parseInline(tokens: readonly Token[], env: Env, slices: Slices): Promise<void> {
  for (const { type, content, children } of tokens) {
    if (type === "inline") parseText(content, children ?? [], env);
    const pause = slices.next();
    if (pause !== null) await pause;
  }
}

/** Parses the text of one block into `children`. */
function parseText(text: string, children: Token[], env: Env): void {
  if (text.length <= PARSED_TEXT_CHARS_MAX) return markdown.inline.parse(text, markdown, env, children);
  const whole = new MarkdownIt.Token("text", "", 0);
  whole.content = text;
  children.push(whole);
}

async function renderTokens(tokens: Token[], env: Env, slices: Slices): Promise<string> {
  const { renderer, options } = markdown;
  let html = "";
  for (const [index, { type, children }] of tokens.entries()) {
    const rule = renderer.rules[type];
    if (type === "inline") html += renderer.renderInline(children ?? [], options, env);
    else if (rule !== undefined) html += rule(tokens, index, options, env, renderer);
    else html += renderer.renderToken(tokens, index, options);
    const pause = slices.next();
    if (pause !== null) await pause;
  }
  return html;
}
