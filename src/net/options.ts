/**
 * Completes options with defaults.
 * @module
 */

/** `defaults` with the values of `options`. `undefined` means that an option was not given. */
export function withDefaults<Settings extends object>(defaults: Settings, options: Partial<Settings>): Settings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
