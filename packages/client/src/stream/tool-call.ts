import { DEFAULT_LIMITS } from "@vllm/schema/core";
import { isDeeperThan, isRecord } from "@vllm/schema/internal";
import { mayProveCall, type AnswerEnding } from "./finish-reason.ts";
import { isJsonPrefix } from "../json/is-json-prefix.ts";
import { escapeControlCharacters } from "../repairs/escape-control-characters.ts";
import { parseIntegers, type LargeIntegers } from "../repairs/large-integers.ts";
import { isNothing, repairArguments } from "../repairs/repair-arguments.ts";
import type { Repair } from "../repairs/repairs.ts";

/** Why a call's arguments cannot be used. */
export interface ToolCallParseError {
  /**
   * - `length`: the token limit was reached in (or right after) the call
   * - `cut-off`: the text stops before its JSON is complete, though no limit was reached, the server stopped the answer in (or right
   *   after) the call, or the stream broke
   * - `unproven`: the server ended the answer with an unknown finish reason, so nothing shows that the call is whole
   * - `bad-json`: the text is not JSON, or nested too deep (`limits.nesting`)
   * - `not-an-object`: the text is JSON, but a string, a number or a list
   */
  kind: "length" | "cut-off" | "unproven" | "bad-json" | "not-an-object";
  /** Fit to be sent to the model as the tool's result. */
  message: string;
}

/** A tool call of an answer. Run it only when `arguments` is there. */
export interface ParsedToolCall {
  /** As the server sent it (it may repeat within one answer), or made up when it sent none. */
  id: string;
  name: string;
  /** The parsed arguments; `{}` for a call without any. Undefined when {@link parseError} is set. */
  arguments: Record<string, unknown> | undefined;
  /** The model's own text, or what it was repaired to; empty for a call without any. */
  argumentsText: string;
  parseError?: ToolCallParseError | undefined;
  /** True when the call was found in the text (`recover.toolCallText`). */
  recovered?: true | undefined;
  /** True when the call was broken in a way that has one reading, and is read so; an `ANSWER_REPAIRED` warning says what it was. */
  repaired?: true | undefined;
}

/** How the answer around a call ended. */
export interface CallEnding {
  /** `broken`: the stream broke before its finish reason. */
  ending: AnswerEnding | "broken";
  /** Nothing came after this call in its choice. */
  isLast: boolean;
}

export interface ArgumentsOptions {
  nesting?: number | undefined;
  largeIntegers?: LargeIntegers | undefined;
  /** The call names a tool of the request. Of any other, what looks like a slip may be the rest of what the server misread. */
  isOfTool?: boolean | undefined;
}

/** What the text of a call's arguments came to. */
export interface ParsedArguments extends Pick<ParsedToolCall, "arguments" | "parseError"> {
  /** Set when the text was repaired: what it is now. */
  repaired?: { text: string; repairs: readonly Repair[] };
}

/** Parses the arguments of a call: good only when they parse whole **and** nothing says that the answer was cut in them. */
export function parseArguments(
  text: string,
  { ending, isLast }: CallEnding,
  { nesting = DEFAULT_LIMITS.nesting, largeIntegers, isOfTool = false }: ArgumentsOptions = {},
): ParsedArguments {
  // JSON that parses proves nothing in an answer that was cut.
  if (ending === "broken" || !mayProveCall(ending, isLast)) return unproven(ending);
  const trimmed = text.trim();
  if (isDeeperThan(trimmed, nesting)) {
    return bad(
      "bad-json",
      `The arguments are nested deeper than ${nesting} levels. Send the call again with arguments that are flatter.`,
    );
  }
  let value: unknown;
  try {
    value = parseIntegers(trimmed, largeIntegers);
  } catch {
    // Told below from what can be repaired.
  }
  if (isRecord(value)) return { arguments: value };
  const repaired = isOfTool || isNothing(trimmed) ? repairArguments(trimmed) : undefined;
  if (repaired !== undefined) {
    return { arguments: parseIntegers(repaired.text, largeIntegers) as Record<string, unknown>, repaired };
  }
  if (value !== undefined)
    return bad("not-an-object", "The arguments are JSON, but not an object. Send the call again with one JSON object.");
  return isJsonPrefix(escapeControlCharacters(trimmed))
    ? bad("cut-off", "The arguments stop before their JSON is complete. Send the whole call again.")
    : bad("bad-json", "The arguments are not valid JSON. Send the call again with one valid JSON object.");
}

function unproven(ending: CallEnding["ending"]): ReturnType<typeof bad> {
  switch (ending) {
    case "truncated":
      return bad(
        "length",
        "The token limit was reached before the arguments were complete. Use fewer tokens, or split the work.",
      );
    case "filtered":
      return bad("cut-off", "A content filter stopped the answer before the arguments were complete.");
    case "repetitive":
      return bad(
        "cut-off",
        "The answer repeated itself and was stopped before the arguments were complete. Send the whole call again, without repetition.",
      );
    case "broken":
      return bad("cut-off", "The connection broke before the arguments were complete.");
    default:
      return bad(
        "unproven",
        "The server ended the answer in an unknown way, so nothing shows that the arguments are complete. Send the whole call again.",
      );
  }
}

function bad(
  kind: ToolCallParseError["kind"],
  message: string,
): { arguments: undefined; parseError: ToolCallParseError } {
  return { arguments: undefined, parseError: { kind, message } };
}
