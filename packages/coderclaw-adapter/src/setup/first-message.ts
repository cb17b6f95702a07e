import type { JsonObject } from "../config-file/json-value.ts";
import { getValue } from "../config-file/json-value.ts";
import type { Environment } from "../agents/agent-home.ts";
import { setting } from "../agents/agent-home.ts";
import type { AgentId } from "../agents/agent-location.ts";

/** What to type for a first answer from an agent that is set up. */
export function firstMessage(agent: AgentId, { value, env }: { value: JsonObject; env: Environment }): string {
  if (agent === "openclaw") return `Try it:\n  openclaw agent --local --agent main -m "List the files here"`;
  // Not `coderclaw agent -m`: the root command has an option `-m` of its own, which takes the text (main of 2026-05-05).
  const commands = [
    "Try it, with the gateway in a terminal of its own unless it runs already:",
    "  coderclaw gateway run --allow-unconfigured",
    `  coderclaw -m "List the files here"`,
  ];
  const token = [
    `Once, because a gateway refuses the token that it generates when it starts ("device token mismatch") until it is restarted:`,
    "  coderclaw doctor --generate-gateway-token --non-interactive --yes",
  ];
  return [...(hasGatewayLogin(value, env) ? [] : token), ...commands].join("\n");
}

function hasGatewayLogin(config: JsonObject, env: Environment): boolean {
  const auth = getValue(config, ["gateway", "auth"]);
  return ["token", "password"].some((kind) => {
    const written = getValue(auth, [kind]);
    const variable = setting(env[`CODERCLAW_GATEWAY_${kind.toUpperCase()}`]);
    return variable !== undefined || (typeof written === "string" && written.trim() !== "");
  });
}
