/**
 * The list of all fuzzers.
 */

import type { Fuzzer } from "./fuzzer.ts";
import { configs } from "./mutants/configs.ts";
import { contents } from "./mutants/contents.ts";
import { conversations } from "./mutants/conversations.ts";
import { heads } from "./mutants/heads.ts";
import { sites } from "./mutants/sites.ts";
import { targets } from "./mutants/targets.ts";
import { codingValues, conditionValues, dateValues, rangeValues } from "./mutants/values.ts";
import { accumulators } from "./properties/accumulators.ts";
import { chunkChanges, chunkGrammar } from "./properties/chunks.ts";
import { commandLines } from "./properties/command_lines.ts";
import { configTexts } from "./properties/configs.ts";
import { framingShapes, headGrammar } from "./properties/heads.ts";
import { http2Blocks, http2Fields, http2Frames } from "./properties/http2.ts";
import { http2Exchanges } from "./properties/http2_exchanges.ts";
import { logLines } from "./properties/log_lines.ts";
import { paths } from "./properties/paths.ts";
import { limits, pipelines } from "./properties/pipelines.ts";
import { hostGrammar, hostMistakes, pathEscapes, pathRoundTrip } from "./properties/targets.ts";
import { dateForms, dateMistakes, preconditions, rangeSets } from "./properties/values.ts";

export const FUZZERS: readonly Fuzzer[] = [
  headGrammar,
  framingShapes,
  pathRoundTrip,
  pathEscapes,
  hostGrammar,
  hostMistakes,
  rangeSets,
  dateForms,
  dateMistakes,
  preconditions,
  chunkGrammar,
  chunkChanges,
  configTexts,
  commandLines,
  logLines,
  accumulators,
  pipelines,
  limits,
  http2Frames,
  http2Exchanges,
  http2Fields,
  http2Blocks,
  paths,
  heads,
  contents,
  targets,
  rangeValues,
  dateValues,
  conditionValues,
  codingValues,
  configs,
  conversations,
  sites,
];
