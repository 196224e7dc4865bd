/**
 * Reads the host names of web.conf, and converts them to the form of the Host field: names, wildcards, addresses,
 * `default`. Pure; knows no roots.
 * @module
 */

/** A host name that can match, in lower case and ASCII. */
export interface HostName {
  /** `files.lab.org`, `*.lab.org`, `[::1]` or `default`. */
  readonly name: string;
  /** Whether the name in web.conf has non-ASCII letters. */
  readonly isTranslated: boolean;
}

/** RFC 1035, section 2.3.4: the longest name in the DNS. */
const NAME_CHARS_MAX = 253;

/** The names that a Host field can contain (RFC 3986, section 3.2.2: `reg-name`), in lower case. */
const REG_NAME = /^(?:[a-z0-9\-._~!$&'()+,;=]|%[0-9a-f]{2})+$/;

/** The host name that a word means, or the reason why no request can match it. */
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

/** Converts non-ASCII names as browsers do (RFC 5890), with the runtime's parser for URLs. */
function toAscii(name: string): string | null {
  if (/^[\0-\x7f]*$/.test(name)) return REG_NAME.test(name) ? name : null;
  if (/[\s:/?#@[\]\\%]/.test(name)) return null; // These have another meaning in a URL.
  const ascii = URL.parse(`http://${name}/`)?.hostname ?? "";
  return REG_NAME.test(ascii) ? ascii : null;
}
