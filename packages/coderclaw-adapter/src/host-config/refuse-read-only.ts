import { fileError } from "../config-file/file-error.ts";
import type { HostLocation } from "../hosts/host-location.ts";
import { HOST_LABELS } from "../hosts/host-location.ts";

/** @throws {ConfigError} when the host says that no program may change its configuration. */
export function refuseReadOnly({ host, configPath, readOnly }: HostLocation): void {
  if (readOnly === undefined) return;
  throw fileError({
    message: `${configPath} may not be changed: ${readOnly}.`,
    hint: "Change it where it is managed; --dry-run shows what to put there.",
    received: "a configuration that is read-only",
    accepted: `one that ${HOST_LABELS[host]} lets programs change`,
  });
}
