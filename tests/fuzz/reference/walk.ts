/**
 * What a path on a real disk leads to, found slowly: one component after the other with `lstat` and `readLink`, links taken
 * apart by hand on a stack of names, containment judged at the very end (path_resolution(7)).
 * Written from the manual, without a look at the code that it judges.
 */

/** The path without links, or `null` where it leads nowhere. */
export interface Place {
  readonly path: string;
  readonly kind: "file" | "folder" | "other";
}

/** Linux gives up at the next one. */
const LINKS_MAX = 40;

const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4095;

/** Where the absolute `path` leads. */
export function walk(path: string): Place | null {
  const todo = components(path);
  const stack: string[] = [];
  let links = 0;
  if (bytesOf(path) > PATH_BYTES_MAX) return null;
  for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
    if (!isFolder(stack)) return null; // `file/..` and `file/.` lead nowhere.
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

/** Whether `path`, without links, is `folder` or lies below it: name by name. */
export function isBelow(folder: string, path: string): boolean {
  const [above, below] = [components(folder), components(path)];
  return above.every((name, at) => below[at] === name);
}

/** The names of a path; a slash at the end asks for a folder, as `.` does. */
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
    // Without every permission the runtime does not let anybody look at /dev and the like: outside, that is.
    if (isNowhere || error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
