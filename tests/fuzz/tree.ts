/**
 * Trees of files, folders and links on the real disk, made from values, with something beside them that must not be served.
 */

import { TempFolder } from "../temp_folder.ts";

/** One thing below the root. Where something stands already, this takes its place. */
export interface Entry {
  /** Names from the root down. */
  readonly path: readonly string[];
  /** `{base}` in a link's target is the folder above the root. */
  readonly kind: "file" | "folder" | { readonly link: string };
}

/** What stands in every file beside the root. */
export const SECRET = "not for you";

export class Tree {
  readonly #folder = new TempFolder();
  /** The folder above the root, without links on its way. */
  readonly base = this.#folder.path;
  #files = 0;

  /** Makes an empty root, a neighbour whose name begins like the root's, and links beside it. */
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

  /** Puts `entry` into the tree, where what is above it is a folder or can be made one. */
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

  /** Another one for each file, and of another length. */
  #content(path: readonly string[]): string {
    return `${path.join("/")} ${".".repeat(++this.#files)}`;
  }
}

/** Makes the folder if nothing is there; `null` where something else is. */
function folderAt(path: string): string | null {
  try {
    return Deno.lstatSync(path).isDirectory ? path : null;
  } catch {
    Deno.mkdirSync(path); // Nothing is there.
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
