/** A running `vllm serve`, by its command line. */
export interface ServeProcess {
  pid: number;
  /** `http://127.0.0.1:8000/v1` */
  baseUrl: string;
  /** User id, or the user's name where only that is known. */
  user: number | string | undefined;
}

const PYTHON = /^python[\d.]*$/;
const MODULE = /^vllm\.entrypoints\.(?:openai\.api_server|cli\.main)$/;
const DEFAULT_PORT = "8000";

/**
 * Where a server listens that was started with these words; undefined for any other program. Other options, such as a key, are not looked
 * at.
 */
export function readServeCommand(words: readonly string[]): string | undefined {
  const options = serveOptions(words);
  if (options === undefined || valueOf(options, "--uds") !== undefined) return undefined;
  const port = valueOf(options, "--port") ?? DEFAULT_PORT;
  if (!/^\d{1,5}$/.test(port) || Number(port) === 0 || Number(port) > 65_535) return undefined;
  const isSecure = valueOf(options, "--ssl-keyfile") !== undefined || valueOf(options, "--ssl-certfile") !== undefined;
  const url = `${isSecure ? "https" : "http"}://${toReachable(valueOf(options, "--host"))}:${port}/v1`;
  return URL.canParse(url) ? url : undefined;
}

/** What follows `vllm serve`, or the module that is the same. */
function serveOptions(words: readonly string[]): readonly string[] | undefined {
  const [first = "", second = "", third = ""] = words;
  const program = nameOf(first);
  if (program === "vllm" && second === "serve") return words.slice(2);
  if (!PYTHON.test(program)) return undefined;
  if (nameOf(second) === "vllm" && third === "serve") return words.slice(3);
  const at = words.indexOf("-m");
  if (at === -1 || !MODULE.test(words[at + 1] ?? "")) return undefined;
  const rest = words.slice(at + 2);
  if ((words[at + 1] ?? "").endsWith("api_server")) return rest;
  return rest[0] === "serve" ? rest.slice(1) : undefined;
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? "";
}

/** The last one counts; vLLM also reads `--ssl_keyfile`. */
function valueOf(options: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (const [index, option] of options.entries()) {
    const [given = "", ...rest] = option.split("=");
    if (!option.startsWith("--") || given.replaceAll("_", "-") !== name) continue;
    found = option.includes("=") ? rest.join("=") : options[index + 1];
  }
  return found;
}

function toReachable(host: string | undefined): string {
  if (host === undefined || host === "" || host === "0.0.0.0" || host === "::" || host === "localhost")
    return "127.0.0.1";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
