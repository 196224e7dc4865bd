/**
 * Where a script belongs in a page: before the last end tag of body that is neither in a comment nor in the text of a
 * script. Pure: knows bytes of HTML; not what is inserted.
 * @module
 */

/** The result of `insertionPoint`. `null`: the page is not in a coding that extends ASCII. */
export type InsertionPoint = number | null;

/** Elements whose text contains no tags (HTML standard, 13.1.2). */
const RAW_TEXT = ["script", "style", "textarea", "title"] as const;

/**
 * The offset at which a script can be inserted: before the last `</body>`, else before the last `</html>`, else at the
 * end. A page in UTF-16 has no such offset, because ASCII would destroy it.
 */
export function insertionPoint(page: Uint8Array): InsertionPoint {
  if (isUtf16(page)) return null;
  const text = new TextDecoder("latin1").decode(page); // One character per octet, so that offsets agree.
  let body = -1;
  let html = -1;
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at)) {
    if (isTag(text, at, "/body")) body = at;
    else if (isTag(text, at, "/html")) html = at;
    const next = endOfMarkup(text, at);
    if (next === null) break;
    at = next;
  }
  return body >= 0 ? body : html >= 0 ? html : page.length;
}

function isUtf16([first, second]: Uint8Array): boolean {
  return first === 0xfe && second === 0xff || first === 0xff && second === 0xfe;
}

/** Where the search goes on after the `<` at `at`; `null`: a comment or raw text that does not end. */
function endOfMarkup(text: string, at: number): number | null {
  if (text.startsWith("<!--", at)) return after(text.indexOf("-->", at + 2), 3); // `<!-->` is a comment.
  const element = RAW_TEXT.find((name) => isTag(text, at, name));
  if (element === undefined) return at + 1;
  const end = new RegExp(`</${element}(?=[\\s/>])`, "gi");
  end.lastIndex = at + 1;
  return after(end.exec(text)?.index ?? -1, 1);
}

function after(index: number, length: number): number | null {
  return index < 0 ? null : index + length;
}

/** Whether the tag at `at` has this name, in lower case, in any letter case. */
function isTag(text: string, at: number, name: string): boolean {
  const end = at + 1 + name.length;
  return text.slice(at + 1, end).toLowerCase() === name && /^[\s/>]$/.test(text[end] ?? "");
}
