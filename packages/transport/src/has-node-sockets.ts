import { isRecord } from "@vllm/schema/internal";

/** What the decision looks at. Every part may be missing, or be what a bundler or another runtime has put there. */
export interface RuntimeGlobals {
  process?: unknown;
  navigator?: unknown;
  EdgeRuntime?: unknown;
}

/** `process.type` of Electron: "browser" is its main process. A renderer's requests belong to Chromium. */
const PROCESS_TYPES: ReadonlySet<unknown> = new Set([undefined, "browser", "utility"]);

/** Node's own name; none before Node 21; and a DOM that a test runner has put over Node (jsdom, happy-dom). */
const USER_AGENT = /^(?:Node\.js\/|Mozilla\/)/;

/** The V8 that Node or Electron was built with, for example "13.6.233.17-node.53". workerd says "", Deno "-rusty". */
const OWN_V8 = /-(?:node|electron)\.\d+$/;

/** Runtimes that imitate all of Node, its V8 too, and add their name. Their own `fetch` is better than their `node:net`. */
const IMITATORS = ["bun", "deno", "webcontainer"];

/**
 * Whether this is Node itself, whose sockets our HTTP/1.1 may use. It lists what Node is, not what others are: every other runtime has
 * `fetch`, and many of them a `process` that says it is Node. Cloudflare Workers with `nodejs_compat` even has a `node:net`, on which a
 * request never ends.
 */
export function hasNodeSockets({ process, navigator, EdgeRuntime }: RuntimeGlobals = globalThis): boolean {
  if (EdgeRuntime !== undefined || !isRecord(process)) return false;
  const { versions, type, getBuiltinModule } = process;
  if (!isRecord(versions)) return false;
  if (typeof versions["v8"] !== "string" || !OWN_V8.test(versions["v8"])) return false;
  if (IMITATORS.some((name) => versions[name] !== undefined)) return false;
  const userAgent = isRecord(navigator) ? navigator["userAgent"] : undefined;
  const isOwnAgent = userAgent === undefined || (typeof userAgent === "string" && USER_AGENT.test(userAgent));
  return isOwnAgent && PROCESS_TYPES.has(type) && typeof getBuiltinModule === "function";
}
