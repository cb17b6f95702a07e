import type { HostConfig, ModelProfile } from "@vllm/schema";
import { resolvePrimaryModel, safeParseModelRef } from "@vllm/schema";
import { chooseModel } from "./choose-model.ts";
import type { ConnectEvent } from "./connect-event.ts";
import type { FindServerOptions, FoundServer } from "./find-server.ts";
import { findByRules, findNamed } from "./find-server.ts";
import { readConfig } from "./read-config.ts";

export interface ConnectOptions extends FindServerOptions {
  /** `--config`. */
  configFile?: string | undefined;
  /** `--base-url`: this server, whatever config and environment say. */
  baseUrl?: string | undefined;
  /** `--model`. */
  model?: string | undefined;
}

/** A server, its models, and the one to use. */
export interface Connection extends FoundServer {
  model: ModelProfile;
  close(): Promise<void>;
}

/**
 * Config or environment → provider → server → model, telling each step to `emit`.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a bad config or address; what the server's failure is; `MODEL_NOT_FOUND`.
 */
export async function connect(options: ConnectOptions, emit: (event: ConnectEvent) => void): Promise<Connection> {
  const { baseUrl, configFile, model: wanted } = options;
  const settings = configFile === undefined ? undefined : await readConfig(configFile, options.env);
  const config = settings?.config;
  const where = settings === undefined ? options : { ...options, env: settings.env, profileKey: settings.profileKey };
  const found =
    baseUrl === undefined
      ? await findByRules(withWantedProvider(config, wanted), where, emit)
      : await findNamed(
          baseUrl,
          "--base-url names the server, so config and environment are not asked for one.",
          where,
          emit,
        );
  try {
    const primary = config === undefined ? undefined : resolvePrimaryModel(config);
    const { profile, reason } = chooseModel(found.models, { providerId: found.providerId, wanted, primary });
    emit({ type: "model_chosen", id: profile.id, reason });
    return { ...found, model: profile, close: async () => found.close?.() };
  } catch (error) {
    await found.close?.();
    throw error;
  }
}

/** `--model vllm-big/x` is a wish for the provider, too: of several in the config it is the one to use. */
function withWantedProvider(config: HostConfig | undefined, wanted: string | undefined): HostConfig | undefined {
  const provider = wanted === undefined ? undefined : safeParseModelRef(wanted)?.provider;
  if (config === undefined || provider === undefined || !Object.hasOwn(config.models?.providers ?? {}, provider)) {
    return config;
  }
  const { agents } = config;
  return { ...config, agents: { ...agents, defaults: { ...agents?.defaults, model: { primary: wanted } } } };
}
