/**
 * All topics of the conformance suite.
 */

import type { Topic } from "./case.ts";
import { CHUNKED } from "./chunked.ts";
import { CONDITIONAL } from "./conditional.ts";
import { CONTENT_LENGTH } from "./content_length.ts";
import { DATES } from "./dates.ts";
import { EXPECT_TOPIC } from "./expect.ts";
import { FIELD_LINES } from "./field_lines.ts";
import { FIELDS_SENT } from "./fields_sent.ts";
import { HEAD } from "./head.ts";
import { HOST } from "./host.ts";
import { IF_RANGE } from "./if_range.ts";
import { LIMITS } from "./limits.ts";
import { METHODS } from "./methods.ts";
import { PERSISTENCE } from "./persistence.ts";
import { PIPELINING } from "./pipelining.ts";
import { RANGES } from "./ranges.ts";
import { REDIRECTS_TOPIC } from "./redirects.ts";
import { REQUEST_LINE } from "./request_line.ts";
import { SEVERAL_RANGES } from "./several_ranges.ts";
import { TARGET } from "./target.ts";
import { TIMEOUTS } from "./timeouts.ts";
import { TRANSFER_ENCODING } from "./transfer_encoding.ts";

export const TOPICS: readonly Topic[] = [
  REQUEST_LINE,
  FIELD_LINES,
  HOST,
  TARGET,
  CONTENT_LENGTH,
  TRANSFER_ENCODING,
  CHUNKED,
  PERSISTENCE,
  PIPELINING,
  EXPECT_TOPIC,
  METHODS,
  HEAD,
  CONDITIONAL,
  DATES,
  IF_RANGE,
  RANGES,
  SEVERAL_RANGES,
  REDIRECTS_TOPIC,
  FIELDS_SENT,
  LIMITS,
  TIMEOUTS,
];
