import type { ServerReport } from "@vllm/discovery";
import { probeStrictTools } from "@vllm/discovery/internal";
import type { ModelProfile } from "@vllm/schema/core";

/** Which models hold calls of tools marked `strict` to their schemas. */
export interface StrictTools {
  /** Asks a server that is another one than before: another version or other models. Never rejects. */
  update(report: ServerReport, server: Parameters<typeof probeStrictTools>[1]): Promise<void>;
  of(modelId: string): ModelProfile["strictTools"];
}

/** The mark is part of the prompt of some templates, so that it must not come and go: the answer is kept for as long as the server is the same. */
export function createStrictTools(): StrictTools {
  let known: ReadonlyMap<string, NonNullable<ModelProfile["strictTools"]>> = new Map();
  let knownOf: string | undefined;

  return {
    async update(report, server) {
      if (report.state !== "ready") return;
      const asked = JSON.stringify([report.version, report.models.map(({ id, root }) => [id, root])]);
      if (asked === knownOf) return;
      try {
        known = await probeStrictTools(report, server);
        knownOf = asked;
      } catch {
        // What is not known is not used.
      }
    },
    of: (modelId) => known.get(modelId),
  };
}
