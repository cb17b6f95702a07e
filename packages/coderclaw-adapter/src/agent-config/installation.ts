import { dirname, join } from "node:path";
import { getValue } from "../config-file/json-value.ts";
import type { Environment, Surroundings } from "../agents/agent-home.ts";
import { agentHome, agentPath } from "../agents/agent-home.ts";
import type { GatewayService } from "./gateway-service.ts";
import { findGatewayService } from "./gateway-service.ts";
import type { ModelsFile } from "./models-file.ts";
import { readModelsFile } from "./models-file.ts";
import type { PluginState } from "./plugin-state.ts";
import { readPluginState } from "./plugin-state.ts";
import type { ReadAgentConfig } from "./read-agent-config.ts";

/** What of CoderClaw is on this machine beside its configuration and its keys. */
export interface Installation {
  plugin: PluginState;
  /** Undefined when the gateway is not installed as a service. */
  service: GatewayService | undefined;
  modelsFile: ModelsFile | undefined;
  /** Variables that a service has, too: those of the `.env` file and of the configuration. */
  fileEnv: Environment;
  envFile: string;
}

/** Undefined for OpenClaw. */
export function readInstallation(config: ReadAgentConfig, surroundings: Surroundings): Installation | undefined {
  const { location, value, fileEnv } = config;
  if (location.agent !== "coderclaw") return undefined;
  const home = agentHome("CODERCLAW_HOME", surroundings);
  const written = getValue(value, ["agents", "defaults", "workspace"]);
  const workspace = typeof written === "string" ? agentPath(written, home) : join(home, ".coderclaw", "workspace");
  return {
    plugin: readPluginState(value, home, [location.pluginsDir, join(workspace, ".coderclaw", "extensions")]),
    service: findGatewayService(surroundings),
    modelsFile: readModelsFile(join(dirname(location.authProfilesPath as string), "models.json")),
    fileEnv,
    envFile: location.envFile,
  };
}
