import type { ScriptedCall } from "./tool-call-styles.ts";

/** Text, text that only styles with a preamble have, or tool calls in the style's own format, broken off where they say `cutAfter`. */
type ReplyPiece = string | { preamble: string } | { calls: readonly ScriptedCall[]; cutAfter?: string };

/** One entry of scripts/replies.json. Of several that fit a prompt, the first is said. */
export interface Reply {
  /** A question that gets this reply, shown to people. Left out for the later turns of a conversation. */
  ask?: string;
  about: string;
  /** Regular expression on the user's last message, in the part of the syntax that Python and JavaScript share. */
  user: string;
  /** How many tool results have come since the user last spoke: "0" (the default), "2", "1+". */
  results?: string;
  /** Thought before the answer by the "-think" scripts; without it they do not think. */
  think?: string;
  /** No blank lines after the thought: vLLM's grammars (forced calls, structured output) allow none. */
  tight?: boolean;
  /**
   * Texts in it may hold {{1}} (a group of `user`), {{result 1}} (a tool result) and {{results}} (how many there are);
   * python/scripted.py fills them. null: nothing is scripted, the model's own random tokens come.
   */
  say: readonly ReplyPiece[] | null;
}
