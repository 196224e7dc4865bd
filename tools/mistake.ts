/**
 * How the tools end. An error that the user or the system caused is one line with exit code 1 or 2. Only our own
 * mistakes have a stack.
 * @module
 */

/** An error that the user can correct. The message is one line. */
export class Mistake extends Error {
  override name = "Mistake";
  /** 1: failed. 2: wrong usage. */
  readonly code: 1 | 2;

  constructor(message: string, { code = 1, cause }: { readonly code?: 1 | 2; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.code = code;
  }
}

/** Runs a tool's main function and returns its exit code. Writes errors to standard error, after the tool's name. */
export async function runTool(name: string, main: () => Promise<number> | number): Promise<number> {
  try {
    return await main();
  } catch (error) {
    const [code, text] = explain(error);
    console.error(`${name}: ${text}`);
    return code;
  }
}

function explain(error: unknown): [code: number, text: string] {
  if (error instanceof Mistake) return [error.code, error.message];
  if (!(error instanceof Error)) return [70, String(error)];
  const isSystem = "code" in error || Object.hasOwn(Deno.errors, error.name);
  return isSystem ? [1, error.message] : [70, error.stack ?? error.message];
}
