/**
 * A slow reference for resolving a path on the real disk (path_resolution(7)). It uses `lstat` and `readLink` for one
 * component after the other, and a stack of names for links. It checks at the end whether the result is inside the root.
 * It was written from the manual, and not from the code that it checks.
 */

/** The result of a walk: the path without links; `null`: there is no such file. */
export interface Place {
  readonly path: string;
  readonly kind: "file" | "folder" | "other";
}

/** Maximum number of links. Linux reports ELOOP for more. */
const LINKS_MAX = 40;

const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4095;

/** Resolves the absolute `path`. */
export function walk(path: string): Place | null {
  const todo = components(path);
  const stack: string[] = [];
  let links = 0;
  if (bytesOf(path) > PATH_BYTES_MAX) return null;
  for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
    if (!isFolder(stack)) return null; // `file/..` and `file/.` do not exist.
    if (name === ".") continue;
    if (name === "..") {
      stack.pop();
      continue;
    }
    const here = pathOf([...stack, name]);
    const info = bytesOf(name) > NAME_BYTES_MAX ? null : lookAt(here);
    if (info === null) return null;
    if (!info.isSymlink) {
      stack.push(name);
      continue;
    }
    if (++links > LINKS_MAX) return null;
    const target = Deno.readLinkSync(here);
    if (target.startsWith("/")) stack.length = 0;
    todo.unshift(...components(target));
  }
  const info = lookAt(pathOf(stack));
  if (info === null) return null;
  return { path: pathOf(stack), kind: info.isFile ? "file" : info.isDirectory ? "folder" : "other" };
}

/** Whether `path`, which has no links, is `folder` or is below it. Compares name by name. */
export function isBelow(folder: string, path: string): boolean {
  const [above, below] = [components(folder), components(path)];
  return above.every((name, at) => below[at] === name);
}

/** The names of a path. A slash at the end requires a folder, like `.`. */
function components(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "");
  return path.endsWith("/") ? [...names, "."] : names;
}

function pathOf(stack: readonly string[]): string {
  return `/${stack.join("/")}`;
}

function isFolder(stack: readonly string[]): boolean {
  return lookAt(pathOf(stack))?.isDirectory === true;
}

function lookAt(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    const isNowhere = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    // Without all permissions, the runtime denies access to /dev and similar folders. They are outside of every root.
    if (isNowhere || error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
