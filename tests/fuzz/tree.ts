/**
 * Random trees of files, folders and links on the real disk, with files outside the root that the server must not send.
 */

import { TempFolder } from "../temp_folder.ts";

/** A file, folder or link below the root. It replaces an existing one. */
export interface Entry {
  /** Names from the root down. */
  readonly path: readonly string[];
  /** `{base}` in a link's target is the folder above the root. */
  readonly kind: "file" | "folder" | { readonly link: string };
}

/** The content of every file outside the root. */
export const SECRET = "not for you";

export class Tree {
  readonly #folder = new TempFolder();
  /** The folder above the root, as a path without links. */
  readonly base = this.#folder.path;
  #files = 0;

  /** Creates an empty root, a folder whose name begins with the root's name, and links next to the root. */
  constructor() {
    for (const folder of ["www", "www2", "outside/inner"]) {
      Deno.mkdirSync(`${this.base}/${folder}`, { recursive: true });
    }
    for (const file of ["secret.txt", "outside/secret.txt", "outside/index.html", "www2/a", "www2/index.html"]) {
      Deno.writeTextFileSync(`${this.base}/${file}`, SECRET);
    }
    Deno.symlinkSync("www", `${this.base}/via`);
    Deno.symlinkSync("outside/inner", `${this.base}/hop`);
  }

  /** Adds `entry` to the tree, unless a file or link is in the way. */
  put({ path, kind }: Entry): void {
    const above = path.slice(0, -1).reduce<string | null>((folder, name) => {
      return folder === null ? null : folderAt(`${folder}/${name}`);
    }, `${this.base}/www`);
    if (above === null) return;
    const place = `${above}/${path.at(-1)}`;
    if (kind === "folder") return void folderAt(place);
    remove(place);
    if (kind === "file") Deno.writeTextFileSync(place, this.#content(path));
    else Deno.symlinkSync(kind.link.replaceAll("{base}", this.base), place);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  /** Returns a different content with a different length for each file. */
  #content(path: readonly string[]): string {
    return `${path.join("/")} ${".".repeat(++this.#files)}`;
  }
}

/** Creates the folder if it does not exist. Returns `null` if there is something else. */
function folderAt(path: string): string | null {
  try {
    return Deno.lstatSync(path).isDirectory ? path : null;
  } catch {
    Deno.mkdirSync(path); // Nothing exists at this path.
    return path;
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
