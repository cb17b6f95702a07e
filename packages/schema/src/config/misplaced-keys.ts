import type { LocatedIssue } from "./zod-issues.ts";

/** Keys that people write at the top of the file, and where the agent wants them. It knows none of them there (agent rule: `zod-schema.ts`). */
const PLACES: Readonly<Record<string, string>> = {
  providers: "models.providers",
  baseUrl: "models.providers.vllm.baseUrl",
  apiKey: "models.providers.vllm.apiKey",
};

/** The agent's sections are not all known here, so that a key at the top is a problem only where it belongs somewhere else for certain. */
export function misplacedKeys(written: unknown): LocatedIssue[] {
  if (typeof written !== "object" || written === null) return [];
  return Object.entries(PLACES)
    .filter(([key]) => Object.hasOwn(written, key))
    .map(([key, place]) => ({
      at: [key],
      place: "key",
      issue: {
        path: key,
        received: "a key that does not belong at the top",
        accepted: "sections of the agent, such as models, agents and auth",
        fix: `Move ${key} to ${place}.`,
      },
    }));
}
