import { join } from "node:path";
import type { DocumentEdit, JsonObject, AgentLocation } from "@vllm/coderclaw-adapter/internal";
import {
  planFileEdit,
  writeConfigChange,
  fileError,
  asObject,
  getValue,
  configCheck,
  refuseReadOnly,
  AGENT_LABELS,
  openClawSetupCommand,
  pluginIds,
  writePluginFolder,
} from "@vllm/coderclaw-adapter/internal";
import { askToWrite } from "../terminal/ask-to-write.ts";
import type { CommandContext } from "../command-context.ts";
import { openAgent, writing } from "../command-context.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { renderDiff } from "../ui/render-diff.ts";

export interface InitPluginOptions {
  takeOver: boolean;
  dryRun: boolean;
  yes: boolean;
}

/** `init-plugin`: puts the plugin where the agent loads it from, and allows it in the configuration. */
export async function initPlugin(context: CommandContext, options: InitPluginOptions): Promise<ExitCode> {
  const { output } = context;
  const { colors } = output;
  const { location, config } = await openAgent(context);
  const { agent } = location;
  if (options.takeOver && agent === "coderclaw") {
    throw fileError({
      message: "CoderClaw has no vLLM plugin of its own to take over.",
      hint: "Leave --take-over out.",
      received: "--take-over",
      accepted: "--take-over with --agent openclaw",
    });
  }
  const request = { agent, takeOver: options.takeOver };
  const { pluginId, providerId } = pluginIds(request);
  const folder = pluginFolder(location, pluginId);
  const edits = pluginEdits(config.value, location, { pluginId, folder });
  const change = planFileEdit(config.file, edits, configCheck(location, config.env));
  if (change.changed && !options.dryRun) refuseReadOnly(location);
  const { path, text } = change.file;
  const diff = change.changed ? renderDiff({ path: output.path(path), before: text, after: change.text }, colors) : "";
  output.say(`${colors.bold(`vLLM plugin → ${AGENT_LABELS[agent]}`)}\n`);
  output.say(`  files     ${output.path(folder)}`);
  output.say(`  plugin    ${pluginId}`);
  output.say(`  provider  ${providerId} ${colors.dim(`(models are ${providerId}/<id>)`)}`);
  if (options.takeOver) output.say(`\n${colors.yellow("▲")} OpenClaw's own vllm plugin is replaced by this one.`);
  if (diff !== "") output.say(`\n${diff}`);
  const isAgreed = await askToWrite(context, options, "Install it?");
  if (isAgreed) {
    await writing(context, path, async () => {
      await writePluginFolder(folder, request);
      await writeConfigChange(change);
    });
    output.say(`\n${colors.green("✔")} Installed. ${output.advice(nextStep(location, providerId))}`);
  } else output.say("\nNothing was written.");
  output.result({
    command: "init-plugin",
    ok: true,
    agent,
    folder,
    pluginId,
    providerId,
    installed: isAgreed,
    dryRun: options.dryRun,
    diff,
  });
  return EXIT.fine;
}

/** CoderClaw loads every folder in its extensions folder; OpenClaw one that its configuration names, before its bundled ones. */
function pluginFolder(location: AgentLocation, pluginId: string): string {
  return location.agent === "coderclaw"
    ? join(location.pluginsDir, pluginId)
    : join(location.stateDir, "vllm-plugin", pluginId);
}

function pluginEdits(
  config: JsonObject,
  { agent }: AgentLocation,
  plugin: { pluginId: string; folder: string },
): DocumentEdit[] {
  const plugins = getValue(config, ["plugins"]);
  const settings = asObject(plugins);
  const edits: DocumentEdit[] = [];
  const allow = settings["allow"];
  if (Array.isArray(allow) && allow.length > 0 && !allow.includes(plugin.pluginId))
    edits.push({ path: ["plugins", "allow", allow.length], value: plugin.pluginId });
  if (agent === "coderclaw") return edits;
  const paths = getValue(settings, ["load", "paths"]);
  if (!Array.isArray(paths)) edits.push({ path: ["plugins", "load", "paths"], value: [plugin.folder] });
  else if (!paths.includes(plugin.folder))
    edits.push({ path: ["plugins", "load", "paths", paths.length], value: plugin.folder });
  if (getValue(settings, ["entries", plugin.pluginId, "enabled"]) !== true)
    edits.push({ path: ["plugins", "entries", plugin.pluginId, "enabled"], value: true });
  return edits;
}

function nextStep({ agent }: AgentLocation, providerId: string): string {
  return agent === "coderclaw"
    ? "Restart the gateway if it runs, then: coderclaw models auth login --provider vllm --set-default\n  It makes agents.defaults.models a list of allowed models. What does the same without it: npx @vllm/connect setup"
    : `Restart the gateway if it runs, then: ${openClawSetupCommand(providerId)}`;
}
