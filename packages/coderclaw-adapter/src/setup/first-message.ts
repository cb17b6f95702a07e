import type { JsonObject } from "../config-file/json-value.ts";
import { getValue } from "../config-file/json-value.ts";
import type { Environment } from "../hosts/host-home.ts";
import { setting } from "../hosts/host-home.ts";
import type { HostId } from "../hosts/host-location.ts";

/** What to type for a first answer from an agent that is set up. */
export function firstMessage(host: HostId, { value, env }: { value: JsonObject; env: Environment }): string {
  if (host === "openclaw") return `Try it:\n  openclaw agent --local --agent main -m "List the files here"`;
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
