import type { Reply } from "./reply.ts";
import { TOOL_CALL_STYLES, type ToolCallStyle, type ToolCallStyleName } from "./tool-call-styles.ts";

/** What python/scripted.py reads. */
export interface ScriptRule {
  when: string;
  say: string | null;
}

/** The replies in one style, as rules on the prompt that the lab's chat template renders. */
export function toScript(replies: readonly Reply[], style: ToolCallStyleName, thinks: boolean): ScriptRule[] {
  return replies.map((reply) => ({ when: toWhen(reply), say: toSay(reply, TOOL_CALL_STYLES[style], thinks) }));
}

const BODY = String.raw`(?:(?!<\|im_end\|>).)*?`;
const END = String.raw`<\|im_end\|>\s*`;
const ASSISTANT_TURNS = String.raw`(?:<\|im_start\|>assistant\n${BODY}${END})*`;
const TOOL_RESULT = String.raw`<\|im_start\|>user\n<tool_response>${BODY}${END}${ASSISTANT_TURNS}`;
const ASSISTANT_BEGINS = String.raw`<\|im_start\|>assistant\s*(?:<think>\s*</think>\s*)?$`;

function toWhen({ user, results = "0" }: Reply): string {
  const count = results.endsWith("+") ? `{${Number.parseInt(results, 10)},}` : `{${results}}`;
  const userTurn = String.raw`<\|im_start\|>user\n(?!<tool_response>)${BODY}(?:${user})${BODY}${END}`;
  return `${userTurn}${ASSISTANT_TURNS}(?:${TOOL_RESULT})${count}${ASSISTANT_BEGINS}`;
}

function toSay({ think, tight = false, say }: Reply, style: ToolCallStyle, thinks: boolean): string | null {
  if (say === null) return null;
  const thought = thinks && think !== undefined ? `<think>\n${think}\n</think>${tight ? "" : "\n\n"}` : "";
  const pieces = say.map((piece) => {
    if (typeof piece === "string") return piece;
    if ("preamble" in piece) return style.allowsPreamble ? piece.preamble : "";
    const written = style.write(piece.calls);
    if (piece.cutAfter === undefined) return written;
    return written.slice(0, written.indexOf(piece.cutAfter) + piece.cutAfter.length);
  });
  return thought + pieces.join("");
}
