import { applySetup } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { writing } from "../command-context.ts";
import { askToWrite } from "../terminal/ask-to-write.ts";
import type { PlannedSetup } from "./plan.ts";
import type { SetupOptions } from "./setup-options.ts";

/** Writes what was planned and shown, if that is agreed to. Where there is nothing to write, what was found out is recorded all the same. */
export async function write(context: CommandContext, planned: PlannedSetup, options: SetupOptions): Promise<boolean> {
  const { agent, providerId, plan, change, bridge } = planned;
  const hasWork = change.changed || plan.keyWrite !== undefined;
  const isAgreed = hasWork ? await askToWrite(context, options, "Write it?") : !options.dryRun;
  if (!isAgreed) return false;
  const work = (): Promise<void> =>
    applySetup(agent.config, {
      providerId,
      plan,
      change,
      bridge: bridge && { baseUrl: bridge.baseUrl, upstream: bridge.upstream },
    });
  await writing(context, change.file.path, work);
  return true;
}
