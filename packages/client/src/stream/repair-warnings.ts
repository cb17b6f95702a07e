import { REPAIRS, type Repair } from "../repairs/repairs.ts";
import type { ChatWarning } from "./warning.ts";

export function answerRepaired(repair: Repair): ChatWarning {
  return { code: "ANSWER_REPAIRED", reason: repair, ...REPAIRS[repair] };
}

export const INTEGER_ROUNDED: ChatWarning = {
  code: "INTEGER_ROUNDED",
  message: "The arguments of a tool call hold an integer beyond 2^53, which a JavaScript number does not hold exactly.",
  hint: 'Ask for such integers as bigint (largeIntegers: "bigint"), take them from the call\'s argumentsText, or make the parameter a string.',
};
