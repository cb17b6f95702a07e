import type { HistoryRules, MessageRule } from "@vllm/schema/core";
import type { Rendered, Renderer, Rendering } from "./create-renderer.ts";
import { readRendering } from "./create-renderer.ts";
import type { NonceName, Nonces } from "./questions.ts";
import {
  consecutiveUserRendering,
  developerRendering,
  firstSystemRendering,
  laterSystemRendering,
  rolesRendering,
  secondSystemRendering,
} from "./questions.ts";

const ROLE_WORDS: readonly NonceName[] = ["system", "secondSystem", "laterSystem", "user", "laterUser"];

export type RoleRules = Pick<
  HistoryRules,
  "firstSystem" | "secondSystem" | "laterSystem" | "developerRole" | "consecutiveUser"
>;

/** What happens to roles: all rules in one prompt, and rule by rule where that is refused or loses a word. */
export async function probeRoles(renderer: Renderer, nonces: Nonces): Promise<RoleRules> {
  const look = (rendering: Rendering) => readRendering(renderer, rendering);
  const [together, developer] = await Promise.all([look(rolesRendering(nonces)), look(developerRendering(nonces))]);
  const ruleFor = ({ answer, text }: Read, ...planted: NonceName[]): MessageRule =>
    ruleOf(
      answer,
      text,
      planted.map((name) => nonces[name]),
    );
  const developerRole = ruleFor(developer, "developer", "user");
  if (ruleFor(together, ...ROLE_WORDS) === "kept") {
    return { firstSystem: "kept", secondSystem: "kept", laterSystem: "kept", consecutiveUser: "kept", developerRole };
  }
  const [second, later, users] = await Promise.all([
    look(secondSystemRendering(nonces)),
    look(laterSystemRendering(nonces)),
    look(consecutiveUserRendering(nonces)),
  ]);
  const isFirstSeen = [together, second, later].some(({ text }) => text?.includes(nonces.system) === true);
  const firstSystem = isFirstSeen ? "kept" : ruleFor(await look(firstSystemRendering(nonces)), "system", "user");
  return {
    firstSystem,
    secondSystem: ruleFor(second, "system", "secondSystem"),
    laterSystem: ruleFor(later, "system", "laterSystem"),
    consecutiveUser: ruleFor(users, "user", "laterUser"),
    developerRole,
  };
}

type Read = Awaited<ReturnType<typeof readRendering>>;

/** A rendering and the words that should be in it → what the template did with the message. */
function ruleOf(answer: Rendered, text: string | undefined, planted: readonly string[]): MessageRule {
  if (answer.kind === "refused") return "rejected";
  if (answer.kind === "failed" || text === undefined) return "unknown";
  return planted.every((word) => text.includes(word)) ? "kept" : "dropped";
}
