/**
 * The built-in pages of errors and redirects, in the look of all pages of the server. They say nothing about the machine.
 * Pure.
 * @module
 */

import { escapeHtml, PAGE_STYLE } from "./html.ts";
import { reasonPhrase, type Status } from "./status.ts";

/** What a page says besides its status. */
export interface ErrorExplanation {
  /** What happened; the usual words for the status by default. */
  readonly words?: string | undefined;
  /** The host, as the client named it; empty: it is not shown. */
  readonly host?: string;
  /** Links to other pages: their text and their address. */
  readonly links?: readonly (readonly [text: string, address: string])[];
}

const EXPLANATIONS: Partial<Record<Status, string>> = {
  301: "This page has moved. Your browser should open the new address.",
  302: "This page is at another address for now. Your browser should open it.",
  303: "The answer is at another address. Your browser should open it.",
  307: "This page is at another address for now. Your browser should send the request there.",
  308: "This page has moved for good. Your browser should send the request to the new address.",
  400: "The server could not understand this request.",
  401: "This page needs a name and a password.",
  403: "The server is not allowed to send this file.",
  404: "There is nothing at this address.",
  405: "This address does not support the method of this request.",
  406: "The file is not available in a content coding that the client accepts.",
  408: "The request did not arrive in time.",
  410: "What was at this address is gone for good.",
  412: "The file does not meet a condition of the request.",
  413: "The content of the request is too long for this server.",
  414: "The address is too long.",
  416: "The file does not have the requested range of bytes.",
  417: "The server does not support the Expect field of this request.",
  421: "This address is not available over this connection.",
  431: "The request has too many header fields, or they are too long.",
  500: "An error occurred on the server. The server has logged it.",
  501: "The server does not support a feature that this request needs.",
  503: "The server is too busy. Please try again in a moment.",
  505: "The server supports HTTP/1.0 and HTTP/1.1 only.",
};

/** A page with the status as its heading. */
export function renderErrorPage(status: Status, explanation: ErrorExplanation = {}): string {
  const { words = EXPLANATIONS[status] ?? "", host = "", links = [] } = explanation;
  const title = `${status} ${reasonPhrase(status)}`;
  const anchors = links.map(([text, address]) => `<a href="${address}">${text}</a>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${PAGE_STYLE}main{max-width:34rem;margin:12vh auto}nav a{margin-right:1.5rem}</style>
<main>
${host === "" ? "" : `<div>${escapeHtml(host)}</div>\n`}<h1>${title}</h1>
<p>${escapeHtml(words)}</p>
${anchors.length === 0 ? "" : `<nav>${anchors.join(" ")}</nav>\n`}</main>
</html>
`;
}
