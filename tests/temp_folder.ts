/**
 * Folders that exist for the length of a test: `using folder = new TempFolder()`.
 * Knows where they are and how they go; not what is in them.
 */

import { dirname } from "@std/path";

/** A new, empty folder. It is removed with all that is in it where its name ends, be it by an error. */
export class TempFolder implements Disposable {
  /** Without links on its way. */
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "sweepd_test_" }));

  /** Writes a file, makes the folders on its way, and returns its path from the root on. */
  write(path: string, content: string | Uint8Array = ""): string {
    const file = `${this.path}/${path}`;
    Deno.mkdirSync(dirname(file), { recursive: true });
    Deno.writeFileSync(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
    return file;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
