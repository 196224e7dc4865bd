/**
 * Options, complete: what was given, over what goes without saying.
 * @module
 */

/** `options` over `defaults`. What is `undefined` was not given. */
export function withDefaults<Settings extends object>(defaults: Settings, options: Partial<Settings>): Settings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
