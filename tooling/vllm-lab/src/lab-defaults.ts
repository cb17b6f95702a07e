import type { ModelName } from "./install-models.ts";
import { TOOL_CALL_STYLES, type ToolCallStyleName } from "./script/tool-call-styles.ts";

export const DEFAULT_MODEL: ModelName = "tiny-r";

/** What clients call the model, whichever of the lab's models it is. */
export const SERVED_MODEL_NAME = "lab/tiny";

export interface ScriptName {
  style: ToolCallStyleName;
  /** Does the model think before it answers? */
  thinks: boolean;
}

/** "hermes-think" → Hermes calls after thinking. undefined for a style that does not exist. */
export function parseScriptName(name: string): ScriptName | undefined {
  const style = name.replace(/-think$/, "");
  return Object.hasOwn(TOOL_CALL_STYLES, style)
    ? { style: style as ToolCallStyleName, thinks: style !== name }
    : undefined;
}

export function listScriptNames(): string[] {
  return Object.keys(TOOL_CALL_STYLES).flatMap((style) => [style, `${style}-think`]);
}

/** The script that fits a server: calls in the format that its parser reads, thinking where its template does. */
export function toDefaultScript(model: ModelName, toolCallParser: string | undefined): string {
  const fitting = Object.entries(TOOL_CALL_STYLES).find(([, style]) =>
    (style.parsers as readonly string[]).includes(toolCallParser ?? "hermes"),
  );
  return `${fitting?.[0] ?? "hermes"}${model === "tiny-r" ? "-think" : ""}`;
}
