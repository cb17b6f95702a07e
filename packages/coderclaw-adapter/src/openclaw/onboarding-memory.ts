import type { ModelProfile } from "@vllm/schema/core";
import type { RecordedModels } from "../agent-config/setup-record.ts";
import { readSetupRecord, saveSetupRecord } from "../agent-config/setup-record.ts";
import type { AgentLocation } from "../agents/agent-location.ts";

/** What outlives an onboarding, beside the agent's configuration. */
export interface OnboardingMemory {
  /** What was written for the provider before: it is not the user's choice, and may be replaced. */
  recorded(): Promise<RecordedModels>;
  /** For later runs, which ask nobody before the first token, and for `sync`. */
  keep(found: { apiRoot: string; profiles: readonly ModelProfile[]; record: RecordedModels }): Promise<void>;
}

/** Neither reading nor writing fails an onboarding: without a memory the rows in the configuration are enough to begin with. */
export function createOnboardingMemory(location: AgentLocation, providerId: string): OnboardingMemory {
  return {
    async recorded() {
      try {
        return (await readSetupRecord(location)).modelsOf(providerId);
      } catch {
        return {};
      }
    },
    async keep({ apiRoot, profiles, record }) {
      try {
        await saveSetupRecord(location, { providerId, models: record, profiles: { apiRoot, models: profiles } });
      } catch {
        // A folder that cannot be written, or a record of ours that somebody broke.
      }
    },
  };
}
