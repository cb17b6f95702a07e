import type { LearnedProfiles } from "./learned-profiles.ts";
import type { ThinkingLevel } from "./plugin-api.ts";

/** Levels in the agent's order of strength. */
const LEVELS = ["minimal", "low", "medium", "high", "xhigh", "max"];

/** The thinking levels that a model really has: a switch, or the efforts of its template. Null: nothing is known. */
export function toThinkingProfile(
  profiles: LearnedProfiles,
  modelId: string,
  reasoning: boolean | undefined,
): { levels: ThinkingLevel[]; defaultLevel: string } | null {
  if (reasoning === false) return null;
  const control = profiles.find(modelId)?.thinking?.value;
  if (control === undefined) return null;
  const efforts = LEVELS.filter((level) => control.efforts?.[level] !== undefined);
  const canSwitchOff = control.off !== undefined || control.default === "off";
  const on: ThinkingLevel[] = efforts.length > 0 ? efforts.map((id) => ({ id })) : [{ id: "low", label: "on" }];
  const levels = [...(canSwitchOff ? [{ id: "off" }] : []), ...on];
  const first = (control.default === "off" ? levels[0] : on[0]) as ThinkingLevel;
  return { levels, defaultLevel: first.id };
}
