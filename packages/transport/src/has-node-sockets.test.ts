import { describe, expect, test } from "vitest";
import { hasNodeSockets } from "./has-node-sockets.ts";

const getBuiltinModule = () => ({});
/** What each runtime shows of itself, as read in it (Bun 1.4.5, Deno 2.9.6, workerd 2026-11-17) unless a comment says otherwise. */
const node = {
  process: {
    versions: { node: "24.21.0", v8: "13.6.233.17-node.53", uv: "1.52.1", llhttp: "9.4.3" },
    release: { name: "node" },
    getBuiltinModule,
  },
  navigator: { userAgent: "Node.js/24" },
};
const jsdom = "Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/26.1.0";
const browser = {
  userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
};
const electron = { ...node.process.versions, v8: "13.6.233.17-electron.0", electron: "37.2.0" };

describe("what runs on Node's sockets", () => {
  test("this Node", () => expect(hasNodeSockets()).toBe(true));

  test.each([
    ["Node 24", node],
    ["Node without a navigator (20, or --no-experimental-global-navigator)", { process: node.process }],
    ["Jest's and Vitest's jsdom, which has no fetch", { ...node, navigator: { userAgent: jsdom } }],
    // Not read there: as Electron documents it.
    ["Electron's main process", { process: { ...node.process, versions: electron, type: "browser" } }],
    ["Electron's utility process", { process: { ...node.process, versions: electron, type: "utility" } }],
  ])("%s", (_name, globals) => expect(hasNodeSockets(globals)).toBe(true));
});

describe("what has fetch instead", () => {
  const workerdVersions = { node: "22.23.4", v8: "", modules: "", uv: "", llhttp: "", openssl: "" };
  test.each<[string, object]>([
    [
      "Bun",
      {
        process: { ...node.process, versions: { node: "26.3.0", bun: "1.4.5", v8: "14.6.202.34-node.20" } },
        navigator: { userAgent: "Bun/1.4.5" },
      },
    ],
    [
      "Deno",
      {
        process: { ...node.process, versions: { node: "26.3.0", deno: "2.9.6", v8: "15.0.245.2-rusty" } },
        navigator: { userAgent: "Deno/2.9.6" },
      },
    ],
    [
      "workerd with nodejs_compat",
      { process: { ...node.process, versions: workerdVersions }, navigator: { userAgent: "Cloudflare-Workers" } },
    ],
    [
      "workerd without it",
      {
        process: { versions: {}, platform: "linux", getBuiltinModule },
        navigator: { userAgent: "Cloudflare-Workers" },
      },
    ],
    ["a worker that says more of itself than today's", { ...node, navigator: { userAgent: "Cloudflare-Workers" } }],
    ["a runtime that nobody knows yet", { ...node, navigator: { userAgent: "Some-Runtime/1.0" } }],
    ["Vercel's and Next.js' edge", { EdgeRuntime: "edge-runtime" }],
    ["the same with a polyfill", { ...node, EdgeRuntime: "edge-runtime" }],
    ["a browser", { navigator: browser }],
    ["a browser with webpack's process", { process: { browser: true, env: {}, versions: {} }, navigator: browser }],
    [
      "a browser with a process that says it is Node",
      {
        process: { env: {}, versions: { node: "22.0.0" }, release: { name: "node" }, getBuiltinModule },
        navigator: browser,
      },
    ],
    [
      "Electron's renderer with nodeIntegration",
      { process: { ...node.process, versions: electron, type: "renderer" }, navigator: browser },
    ],
    [
      "a web worker of Electron's renderer",
      { process: { ...node.process, versions: electron, type: "worker" }, navigator: browser },
    ],
    [
      "a WebContainer",
      {
        process: { ...node.process, versions: { ...node.process.versions, webcontainer: "1.6.1" } },
        navigator: browser,
      },
    ],
    ["a Node that cannot give its modules", { process: { ...node.process, getBuiltinModule: undefined } }],
    ["React Native", { process: { env: { NODE_ENV: "production" } }, navigator: { product: "ReactNative" } }],
    ["nothing at all", {}],
    ["what is no process", { process: "node" }],
  ])("%s", (_name, globals) => expect(hasNodeSockets(globals)).toBe(false));
});
