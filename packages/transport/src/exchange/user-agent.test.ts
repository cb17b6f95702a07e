import { describe, expect, test } from "vitest";
import { isBrowser } from "./user-agent.ts";

describe("whose requests are a browser's", () => {
  test.each([
    [
      "Chromium",
      { userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36" },
      true,
    ],
    ["Node 24", { userAgent: "Node.js/24" }, false],
    ["Node 20", undefined, false],
    ["Bun", { userAgent: "Bun/1.3.0" }, false],
    ["Deno", { userAgent: "Deno/2.5.0" }, false],
    ["Cloudflare Workers", { userAgent: "Cloudflare-Workers" }, false],
    ["React Native", {}, false],
  ])("%s", (_name, navigator, names) => expect(isBrowser(navigator)).toBe(names));
});
