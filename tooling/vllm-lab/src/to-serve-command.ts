import { LORA_FOLDER, type ModelName } from "./install-models.ts";
import { SERVED_MODEL_NAME } from "./lab-defaults.ts";

export interface ServeCommandOptions {
  model: ModelName;
  port: number;
  /** For `vllm serve`, as typed; each of them wins over what the lab would pass. */
  flags: readonly string[];
  withoutParsers: boolean;
  withLora: boolean;
}

/** The arguments after `vllm`. */
export function toServeArguments(options: ServeCommandOptions): string[] {
  const { model, port, flags, withoutParsers, withLora } = options;
  const defaults: [flag: string, ...values: string[]][] = [
    ["--host", "127.0.0.1"],
    ["--served-model-name", SERVED_MODEL_NAME],
    ["--max-model-len", "32768"],
    ["--max-num-seqs", "8"],
    ["--load-format", "dummy"],
    ["--enforce-eager"],
  ];
  // A model that answers with vectors says nothing, and vLLM refuses to be told what.
  if (findFlagValue(flags, "--runner") !== "pooling") defaults.push(["--logits-processors", "scripted:Scripted"]);
  if (!withoutParsers) {
    defaults.push(["--enable-auto-tool-choice"], ["--tool-call-parser", "hermes"]);
    if (model === "tiny-r") defaults.push(["--reasoning-parser", "qwen3"]);
  }
  if (withLora) {
    defaults.push(["--enable-lora"], ["--max-lora-rank", "8"], ["--lora-modules", `my-lora=./${LORA_FOLDER}`]);
  }
  const missing = defaults.filter(([flag]) => !hasFlag(flags, flag));
  return ["serve", `lab/${model}`, "--port", String(port), ...missing.flat(), ...flags];
}

/** vLLM takes `--tool-call-parser x`, `--tool-call-parser=x`, `--tool_call_parser x` and, for switches, `--no-…`. */
export function hasFlag(flags: readonly string[], flag: string): boolean {
  const name = flag.replace(/^--/, "");
  return flags.some((given) => {
    if (!given.startsWith("--")) return false;
    const givenName = (given.split("=", 1)[0] ?? "").slice(2).replaceAll("_", "-");
    return givenName === name || givenName === `no-${name}`;
  });
}

/** The value of a flag, in either notation. */
export function findFlagValue(flags: readonly string[], flag: string): string | undefined {
  const index = flags.findIndex((_, position) => hasFlag(flags.slice(position, position + 1), flag));
  if (index === -1) return undefined;
  const [, ...value] = (flags[index] ?? "").split("=");
  return value.length > 0 ? value.join("=") : flags[index + 1];
}

export interface ServeEnvironmentOptions {
  scriptFile: string;
  pythonFolder: string;
  /** In the environment, since vLLM writes its arguments to its log. */
  apiKey?: string | undefined;
}

/** Offline, quiet, about 2.5 GB, and no compiler. The engine works in its own process, as on one GPU: another for its worker takes 12 s. */
export function toServeEnvironment({
  scriptFile,
  pythonFolder,
  apiKey,
}: ServeEnvironmentOptions): Record<string, string> {
  return {
    LAB_SCRIPT: scriptFile,
    PYTHONPATH: pythonFolder,
    HF_HUB_OFFLINE: "1",
    TRANSFORMERS_OFFLINE: "1",
    VLLM_NO_USAGE_STATS: "1",
    DO_NOT_TRACK: "1",
    VLLM_CPU_KVCACHE_SPACE: "1",
    // Two threads wait for each other at every step, and for ever where the machine has other work.
    OMP_NUM_THREADS: "1",
    TORCHDYNAMO_DISABLE: "1",
    VLLM_ENABLE_V1_MULTIPROCESSING: "0",
    ...(apiKey === undefined ? {} : { VLLM_API_KEY: apiKey }),
  };
}
