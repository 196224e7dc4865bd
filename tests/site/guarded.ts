/**
 * A site of which parts need a password, for tests over real sockets.
 */

import { RawClient, type RawResponse } from "../client.ts";
import { type Files, withSite } from "../site.ts";
import { basic, BCRYPT_LINE, PASSWORD, SCRYPT_LINE } from "./passwords.ts";

export const FILES: Files = {
  "index.html": "index",
  "secret/index.html": "SECRET index",
  "secret/a.txt": "SECRET a",
  "secret/deep/b.txt": "SECRET b",
  "docs/index.html": "docs index",
  "docs/plain.txt": "docs plain",
};

/** `staff` has alice and `lab` has bob, both with the same password. */
export const SECRETS: Files = { staff: `${BCRYPT_LINE}\n`, lab: `${SCRYPT_LINE}\n` };

export const CONF = `host a ROOT
  auth "The staff" SECRETS/staff /secret/**
host b ROOT
host all ROOT
  auth "Everything" SECRETS/lab
host two ROOT
  auth Deep SECRETS/lab /secret/deep/**
  auth Staff SECRETS/staff /secret/**
`;

export const ALICE = basic(`alice:${PASSWORD}`);
export const BOB = basic(`bob:${PASSWORD}`);

/** A site with these hosts, asked on one connection. */
export async function withHosts(
  test: (
    ask: (request: string, fields?: Record<string, string>) => Promise<RawResponse>,
    access: string[],
  ) => Promise<void>,
  { files = FILES, conf = CONF, secrets = SECRETS } = {},
): Promise<void> {
  await withSite({ files, conf, secrets }, async ({ port, access }) => {
    using client = await RawClient.connect(port);
    await test(async (request, fields = {}) => {
      const line = request.includes(" ") ? request : `GET ${request}`;
      const lines = Object.entries({ Host: "a", ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
      await client.send(`${line} HTTP/1.1\r\n${lines.join("")}\r\n`);
      return await client.response(line.startsWith("HEAD"));
    }, access);
  });
}
