import { z } from "zod";
import { providerConfigSchema } from "./provider-config.ts";

const modelChoiceSchema = z.strictObject({
  /** `"provider/model-id"`, or an alias of `agents.defaults.models`. */
  primary: z.string().optional(),
  /** Refs to try next, in this order. */
  fallbacks: z.array(z.string()).optional(),
});

const agentModelSchema = z.strictObject({
  alias: z.string().optional(),
  /** The agents pass `temperature` and `maxTokens` on for vLLM, nothing else. */
  params: z.record(z.string(), z.unknown()).optional(),
  streaming: z.boolean().optional(),
});

const authProfileSchema = z.strictObject({
  provider: z.string(),
  /** With an underscore, unlike `auth` of a provider. The key itself is never here. */
  mode: z.enum(["api_key", "oauth", "token"]),
  email: z.string().optional(),
});

/** Variables for `${NAME}` and for the agent itself: `vars`, and every other text (agent rule: `zod-schema.ts`). */
const envSchema = z
  .object({
    shellEnv: z.looseObject({ enabled: z.boolean().optional(), timeoutMs: z.number().optional() }).optional(),
    vars: z.record(z.string(), z.string()).optional(),
  })
  .catchall(z.string());

/**
 * The parts of the agent's config that concern models (agent rule: `zod-schema.ts`). Those are as strict as the agent is;
 * everything else (`gateway`, `plugins`, ...) is kept as it is and not looked at.
 */
export const hostConfigSchema = z.looseObject({
  env: envSchema.optional(),
  models: z
    .strictObject({
      /** `merge` (the default) adds these providers to the agent's own, `replace` leaves only these. */
      mode: z.enum(["merge", "replace"]).optional(),
      providers: z.record(z.string(), providerConfigSchema).optional(),
      bedrockDiscovery: z.looseObject({}).optional(),
    })
    .optional(),
  agents: z
    .looseObject({
      defaults: z
        .looseObject({
          model: modelChoiceSchema.optional(),
          imageModel: modelChoiceSchema.optional(),
          /** Aliases, and at once the list of allowed models, by `"provider/model-id"`. */
          models: z.record(z.string(), agentModelSchema).optional(),
        })
        .optional(),
    })
    .optional(),
  auth: z
    .strictObject({
      profiles: z.record(z.string(), authProfileSchema).optional(),
      /** Profile ids by provider, in the order in which they are tried. */
      order: z.record(z.string(), z.array(z.string())).optional(),
      cooldowns: z.looseObject({}).optional(),
    })
    .optional(),
});

/** An agent's config as a person wrote it, with `${VAR}` replaced and without the agent's defaults ({@link applyModelDefaults} adds them). */
export type HostConfig = z.infer<typeof hostConfigSchema>;

/** Where the agent's strictness is ours too: an `$include` there leaves the config unknown. */
export const CHECKED_PATHS: readonly (readonly string[])[] = [
  ["env"],
  ["models"],
  ["agents", "defaults", "model"],
  ["agents", "defaults", "imageModel"],
  ["agents", "defaults", "models"],
  ["auth"],
];
