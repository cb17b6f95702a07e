import { displayUrl } from "@vllm/schema/core";
import type { KeepRunning } from "@vllm/coderclaw-adapter/internal";
import type { ProbedBridge } from "../probe/probe-through-bridge.ts";
import type { Output } from "../terminal/output.ts";
import type { Colors } from "../terminal/colors.ts";

/** `  bridge: running at http://127.0.0.1:8010/v1, in front of http://gpu1:8000/v1`. */
export function renderBridgeLine({ baseUrl, upstream, isRunning }: ProbedBridge, colors: Colors): string {
  const state = isRunning ? colors.green("running") : colors.red("not running");
  return `  bridge: ${state} at ${displayUrl(baseUrl)}, in front of ${displayUrl(upstream)}`;
}

/** What keeps the bridge running, to be copied. */
export function renderKeepRunning(
  { start, install, unit, name }: KeepRunning,
  { colors, advice }: Pick<Output, "colors" | "advice">,
): string {
  const once = `${colors.bold("The agent asks the bridge from now on, so it must run.")} In a terminal:\n  ${advice(start)}`;
  if (install === undefined) return once;
  if (unit === undefined)
    return `${once}\n\nIn the background until you log out (launchctl remove ${name} ends it):\n  ${install}`;
  return `${once}\n\nAlways, as a systemd user unit; this command writes ${unit.path} and starts it:\n\n${install}`;
}
