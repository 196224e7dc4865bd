/** Requests of two hosts over one connection, for tests of settings. */

import { RawClient, type RawResponse } from "../client.ts";
import { type Files, type TestSite, withSite } from "../site.ts";

/** Sends `GET TARGET`, or another request line without its version, to a host. */
export type Ask = (host: string, request: string, ...fields: readonly string[]) => Promise<RawResponse>;

/** Serves `files` by `conf`, in which ROOT is their folder. All requests of the test go over one connection. */
export async function withHosts(
  options: { readonly files: Files; readonly conf: string } & Partial<Parameters<typeof withSite>[0]>,
  test: (ask: Ask, site: TestSite) => Promise<void>,
): Promise<void> {
  await withSite(options, async (site) => {
    using client = await RawClient.connect(site.port);
    await test(async (host, request, ...fields) => {
      const line = request.includes(" ") ? request : `GET ${request}`;
      await client.send([`${line} HTTP/1.1`, `Host: ${host}`, ...fields, "", ""].join("\r\n"));
      return await client.response(line.startsWith("HEAD"));
    }, site);
  });
}
