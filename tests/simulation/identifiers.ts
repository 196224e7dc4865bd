/**
 * Identifiers that the seed determines, in place of random ones.
 */

/**
 * Numbers the random identifiers, which separate the parts of an answer, until it is disposed: HTTP/2 compresses them,
 * so that random ones would change the lengths of what is sent.
 */
export function countIdentifiers(): Disposable {
  let count = 0;
  const randomUUID = () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`;
  Object.defineProperty(crypto, "randomUUID", { value: randomUUID, configurable: true });
  return { [Symbol.dispose]: () => Reflect.deleteProperty(crypto, "randomUUID") };
}
