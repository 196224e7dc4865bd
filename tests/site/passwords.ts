/**
 * Lines of password files that other programs have written, and the field that a client sends.
 */

import { concat } from "@std/bytes/concat";
import type { OctetRange } from "../../src/http/fields.ts";
import { parsePasswordFile, type User } from "../../src/site/password_file.ts";

/** By `htpasswd -B`: alice, "correct horse". */
export const BCRYPT_LINE = "alice:$2y$05$/OFspQIw6ha7EX2J883f..iv0YEjKtFufMRr2tPpYDcWgQOXx1ldK";

/** By Python's hashlib: bob, "correct horse". */
export const SCRYPT_LINE =
  "bob:$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$0LupyHkzAIgDr9UDsriAAf87vMbCbcaUfDvFOAHk0D0";

/** The password of both. */
export const PASSWORD = "correct horse";

/** Those who stand in a password file. */
export function usersOf(...lines: readonly string[]): User[] {
  const { users, problems } = parsePasswordFile(lines.join("\n"), "test.htpasswd");
  if (problems.length > 0) throw new Error(problems[0]!.message);
  return users;
}

/** The value of Authorization for `user:password`. */
export function basic(credentials: string | Uint8Array): string {
  const octets = typeof credentials === "string" ? new TextEncoder().encode(credentials) : credentials;
  return `Basic ${btoa(String.fromCharCode(...octets))}`;
}

/** A field's value as a parsed head gives it: somewhere in the bytes of a connection. */
export function octetsOf(value: string): OctetRange {
  const octets = new TextEncoder().encode(value);
  const bytes = concat([new TextEncoder().encode("GET / HTTP/1.1\r\n"), octets, new TextEncoder().encode("\r\n\r\n")]);
  return { bytes, first: 16, end: 16 + octets.length };
}
