import { ensureLabInstalled, type LabProgress } from "./ensure-lab-installed.ts";
import { findFreePort } from "./find-free-port.ts";
import type { ModelName } from "./install-models.ts";
import { DEFAULT_MODEL, listScriptNames, parseScriptName, toDefaultScript } from "./lab-defaults.ts";
import { LabError } from "./lab-error.ts";
import { PYTHON_FOLDER } from "./lab-paths.ts";
import { findGroupMembers, trySignal, yieldToOtherSessions } from "./process-group.ts";
import { readReplies } from "./script/read-replies.ts";
import { toScript } from "./script/to-script.ts";
import { writeScript } from "./script/write-script.ts";
import { startServerProcess, type ServerProcess } from "./server-process.ts";
import { findFlagValue, hasFlag, toServeArguments, toServeEnvironment } from "./to-serve-command.ts";
import { toShownCommand } from "./to-shown-command.ts";
import { toTiedArguments } from "./to-tied-arguments.ts";
import { toStartFailure } from "./to-start-failure.ts";
import type { VllmVersion } from "./vllm-versions.ts";

export interface StartLabOptions {
  /** For `vllm serve`, as on a command line: `["--max-model-len", "4096"]`. They win over the lab's own. */
  flags?: readonly string[] | undefined;
  /** Which model: "tiny-r" (thinks; the default), "tiny", "tiny-v" (takes a picture). Clients call it `lab/tiny`. */
  model?: ModelName | undefined;
  /** In which tool-call format it talks and whether it thinks, e.g. "qwen_xml-think". Default: what the parser and the model want. */
  script?: string | undefined;
  /** No tool-call parser and no reasoning parser: everything arrives as text. */
  withoutParsers?: boolean | undefined;
  /** Also serve the LoRA adapter `my-lora`. */
  lora?: boolean | undefined;
  /** Loopback port; 0 (the default): one that is free. */
  port?: number | undefined;
  /** The key that the server asks for. Default: none. */
  apiKey?: string | undefined;
  /** More environment variables for vLLM, e.g. `{ VLLM_SERVER_DEV_MODE: "1" }`. */
  env?: Readonly<Record<string, string>> | undefined;
  vllmVersion?: VllmVersion | undefined;
  /** Stops the set-up, the start or the running server. */
  signal?: AbortSignal | undefined;
  /** How long vLLM may take until it answers. Default: 480 000 ms, ten times what it takes on two cores at rest. */
  startTimeoutMs?: number | undefined;
  onProgress?: ((progress: LabProgress) => void) | undefined;
  /** Everything that vLLM writes, as it comes. */
  onLog?: ((text: string) => void) | undefined;
}

export type LabProcess = "engine" | "api";

export interface Lab {
  /** With `/v1`. */
  baseUrl: string;
  port: number;
  /** The process that was started; all others of the server are below it. */
  pid: number;
  /** Answers HTTP. */
  apiServerPid: number;
  /** Makes the tokens. */
  enginePid: number;
  /** The command, as a person would type it. Holds no key. */
  command: string;
  /** vLLM's last lines. */
  logTail(): string[];
  /** Ends all processes of the server; waits until none is left. May be called twice. */
  stop(): Promise<void>;
  /** SIGKILL to one of the two. `stop()` is needed all the same. */
  kill(which: LabProcess): void;
  /** SIGSTOP: it keeps its connections and says nothing any more. */
  pause(which: LabProcess): void;
  /** SIGCONT. */
  resume(which: LabProcess): void;
  /** Fulfilled when the server has ended, by `stop()` or by itself: how, e.g. "exit code 1". */
  ended: Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

const POLL_MS = 250;
const START_TIMEOUT_MS = 480_000;

/**
 * Starts a real `vllm serve` and waits until it answers (half a minute; minutes at the very first time, see
 * `ensureLabInstalled`). Throws a `LabError` where the machine cannot run it, where the port is taken, and with vLLM's last
 * lines where it ends or stays silent. The server ends with the process that started it, however that ends.
 */
export async function startLab(options: StartLabOptions = {}): Promise<Lab> {
  const { flags = [], model = DEFAULT_MODEL, apiKey, vllmVersion, signal, onProgress, onLog } = options;
  if (hasFlag(flags, "--api-key")) {
    throw new LabError("The key was given as a flag, which vLLM writes to its log.", "Give it as the option apiKey.");
  }
  const scriptName = options.script ?? toDefaultScript(model, findFlagValue(flags, "--tool-call-parser"));
  const script = parseScriptName(scriptName);
  if (script === undefined) {
    throw new LabError(`There is no script "${scriptName}".`, `Choose one of ${listScriptNames().join(", ")}.`);
  }
  const paths = await ensureLabInstalled({ vllmVersion, onProgress, signal });
  const port = await findFreePort(options.port ?? 0);

  onProgress?.({ step: "start vLLM" });
  const scriptFile = await writeScript(paths.scriptsFolder, toScript(await readReplies(), script.style, script.thinks));
  const serveArguments = toServeArguments({
    model,
    port,
    flags,
    withoutParsers: options.withoutParsers ?? false,
    withLora: options.lora ?? false,
  });
  const server = startServerProcess(paths.python, toTiedArguments(paths.python, [paths.vllm, ...serveArguments]), {
    folder: paths.servingFolder,
    environment: {
      ...withoutVllmVariables(process.env),
      ...toServeEnvironment({ scriptFile, pythonFolder: PYTHON_FOLDER, apiKey }),
      ...options.env,
    },
    onLog,
  });
  const stop = async () => {
    signal?.removeEventListener("abort", stop);
    await server.stop();
  };
  signal?.addEventListener("abort", stop);

  try {
    const serverRoot = `http://127.0.0.1:${port}`;
    await waitUntilHealthy(server, serverRoot, options.startTimeoutMs ?? START_TIMEOUT_MS, signal);
    const pid = server.pid ?? 0;
    // Not before: on a busy machine it would take minutes to start.
    yieldToOtherSessions(pid);
    const enginePid = (await findGroupMembers(pid)).find(({ title }) => title.includes("EngineCore"))?.pid ?? 0;
    const send = (which: LabProcess, name: NodeJS.Signals) =>
      void trySignal(which === "engine" ? enginePid : pid, name);
    return {
      baseUrl: `${serverRoot}/v1`,
      port,
      pid,
      apiServerPid: pid,
      enginePid,
      command: toShownCommand("vllm", serveArguments),
      logTail: () => server.tail.lines(),
      stop,
      kill: (which) => send(which, "SIGKILL"),
      pause: (which) => send(which, "SIGSTOP"),
      resume: (which) => send(which, "SIGCONT"),
      ended: server.ended,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function waitUntilHealthy(
  server: ServerProcess,
  serverRoot: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isHealthy(serverRoot))) {
    signal?.throwIfAborted();
    if (server.hasEnded()) throw toStartFailure(await server.ended, server.tail.lines());
    if (Date.now() > deadline) throw toStartFailure(`no answer after ${timeoutMs / 1000} s`, server.tail.lines());
    await Promise.race([new Promise((resolve) => setTimeout(resolve, POLL_MS)), server.ended]);
  }
}

async function isHealthy(serverRoot: string): Promise<boolean> {
  try {
    const response = await fetch(`${serverRoot}/health`, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** The user's own VLLM_… variables (a key, another server's settings) must not change the lab's server. */
function withoutVllmVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("VLLM_")));
}
