/**
 * Host names as web.conf writes them, in the form that a Host field can match: names, wildcards, addresses, `default`.
 * Pure; knows no roots.
 * @module
 */

/** A host name that can match, in lower case and ASCII. */
export interface HostName {
  /** `files.lab.org`, `*.lab.org`, `[::1]` or `default`. */
  readonly name: string;
  /** Whether web.conf writes it with letters that are no ASCII. */
  readonly isTranslated: boolean;
}

/** RFC 1035, section 2.3.4: no name server knows a longer name. */
const NAME_CHARS_MAX = 253;

/** What a Host field may consist of (RFC 3986, section 3.2.2: `reg-name`). */
const REG_NAME = /^(?:[a-z0-9\-._~!$&'()+,;=]|%[0-9a-f]{2})+$/;

/** The name that a word means, or the reason why no request can have it. */
export function readHostName(word: string): HostName | string {
  const written = word.toLowerCase().replace(/\.+$/, "");
  const quoted = `"${word}"`;
  if (written === "*") return `${quoted} is not a host name; for every other host write: host default ROOT`;
  if (written.startsWith("[")) return readIpv6(written, quoted);
  if (/^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/.test(written)) {
    return `${quoted} is not a host name; write an IPv6 address in brackets: [${written}]`;
  }
  const [prefix, rest] = written.startsWith("*.") ? ["*.", written.slice(2)] : ["", written];
  if (rest.includes("*")) {
    return `${quoted} cannot match; * stands for whole labels at the beginning, as in *.lab.org`;
  }
  const ascii = toAscii(rest);
  if (ascii === null) return `${quoted} is not a host name; write it without port, scheme or path`;
  if (ascii.startsWith(".")) return `${quoted} cannot match; for every host below write: *${ascii}`;
  if (ascii.includes("..")) return `${quoted} cannot match; a part between two dots is empty`;
  if (ascii.length > NAME_CHARS_MAX) return `"${word.slice(0, 20)}..." cannot match; it is longer than 253 characters`;
  return { name: prefix + ascii, isTranslated: ascii !== rest };
}

function readIpv6(written: string, quoted: string): HostName | string {
  const isAddress = /^\[[0-9a-f:.]+\]$/.test(written) && URL.canParse(`http://${written}/`);
  return isAddress
    ? { name: written, isTranslated: false }
    : `${quoted} is not an IPv6 address in brackets, like [::1]`;
}

/** Names with other letters are sent in ASCII (RFC 5890); the runtime's parser for URLs translates as browsers do. */
function toAscii(name: string): string | null {
  if (/^[\0-\x7f]*$/.test(name)) return REG_NAME.test(name) ? name : null;
  if (/[\s:/?#@[\]\\%]/.test(name)) return null; // A URL would give these another meaning.
  const ascii = URL.parse(`http://${name}/`)?.hostname ?? "";
  return REG_NAME.test(ascii) ? ascii : null;
}
