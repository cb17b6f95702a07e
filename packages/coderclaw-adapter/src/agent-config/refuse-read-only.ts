import { fileError } from "../config-file/file-error.ts";
import type { AgentLocation } from "../agents/agent-location.ts";
import { AGENT_LABELS } from "../agents/agent-location.ts";

/** @throws {ConfigError} when the agent says that no program may change its configuration. */
export function refuseReadOnly({ agent, configPath, readOnly }: AgentLocation): void {
  if (readOnly === undefined) return;
  throw fileError({
    message: `${configPath} may not be changed: ${readOnly}.`,
    hint: "Change it where it is managed; --dry-run shows what to put there.",
    received: "a configuration that is read-only",
    accepted: `one that ${AGENT_LABELS[agent]} lets programs change`,
  });
}
