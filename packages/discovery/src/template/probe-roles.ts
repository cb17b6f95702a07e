import type { HistoryRules, MessageRule } from "@vllm/schema/core";
import type { Rendered, Renderer, Rendering } from "./create-renderer.ts";
import { readRendering } from "./create-renderer.ts";
import type { NonceName, Nonces } from "./questions.ts";
import {
  consecutiveUserRendering,
  developerRendering,
  laterSystemRendering,
  rolesRendering,
  secondSystemRendering,
} from "./questions.ts";

const ROLE_WORDS: readonly NonceName[] = ["system", "secondSystem", "laterSystem", "user", "laterUser"];

export type RoleRules = Pick<HistoryRules, "secondSystem" | "laterSystem" | "developerRole" | "consecutiveUser">;

/** What happens to roles: all rules in one prompt, and rule by rule where that is refused or loses a word. */
export async function probeRoles(renderer: Renderer, nonces: Nonces): Promise<RoleRules> {
  const ask = async (rendering: Rendering, ...planted: NonceName[]): Promise<MessageRule> => {
    const { answer, text } = await readRendering(renderer, rendering);
    return ruleOf(
      answer,
      text,
      planted.map((name) => nonces[name]),
    );
  };
  const [together, developerRole] = await Promise.all([
    readRendering(renderer, rolesRendering(nonces)),
    ask(developerRendering(nonces), "developer", "user"),
  ]);
  const planted = ROLE_WORDS.map((name) => nonces[name]);
  if (ruleOf(together.answer, together.text, planted) === "kept") {
    return { secondSystem: "kept", laterSystem: "kept", consecutiveUser: "kept", developerRole };
  }
  const [secondSystem, laterSystem, consecutiveUser] = await Promise.all([
    ask(secondSystemRendering(nonces), "system", "secondSystem"),
    ask(laterSystemRendering(nonces), "system", "laterSystem"),
    ask(consecutiveUserRendering(nonces), "user", "laterUser"),
  ]);
  return { secondSystem, laterSystem, consecutiveUser, developerRole };
}

/** A rendering and the words that should be in it → what the template did with the message. */
function ruleOf(answer: Rendered, text: string | undefined, planted: readonly string[]): MessageRule {
  if (answer.kind === "refused") return "rejected";
  if (answer.kind === "failed" || text === undefined) return "unknown";
  return planted.every((word) => text.includes(word)) ? "kept" : "dropped";
}
