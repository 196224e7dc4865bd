/**
 * Which media types a client accepts (RFC 9110, section 12.5.1). Pure.
 * @module
 */

import { listMembers } from "../syntax.ts";

/** Whether `accept` lists one of `types`, in lower case, with a weight above 0. Ranges such as `*` do not count. */
export function namesType(accept: string, types: readonly string[]): boolean {
  return listMembers(accept).some((member) => {
    const [type = "", ...parameters] = member.toLowerCase().split(";").map((part) => part.trim());
    return types.includes(type) && weightOf(parameters) > 0;
  });
}

/** RFC 9110, section 12.4.2. A malformed weight counts as 0. */
function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  if (weight === undefined) return 1;
  return /^q=(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight.slice(2)) : 0;
}
