import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { bundleInChunks } from "./bundle.ts";
import type { Bin, Runtime } from "./runtime.ts";

/** Where Debian and Ubuntu install it. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const QUIET = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // The flow asks three servers of other origins, of which two are not vLLM.
  "--disable-web-security",
];
const LIMIT_MS = 120_000;
const PAGE = '<!doctype html><script type="module" src="/page.js"></script>';

/** The browser on this machine, if there is one. */
export function findChromium(): string | undefined {
  return PLACES.find((place) => existsSync(place));
}

/** A page of a browser, with the program in the files that a bundler makes of it; those that it needs later must have been asked for. */
export function chromium(browser: string, bin: Bin): Runtime {
  return async (project) => {
    const folder = path.join(project, await bundleInChunks(bin, project, "page"));
    const loaded = new Set<string>();
    let settle!: (text: string) => void;
    const result = new Promise<string>((resolve) => (settle = resolve));
    const server = createServer(async (request, response) => {
      if (request.method === "POST") {
        let text = "";
        for await (const piece of request.setEncoding("utf8")) text += String(piece);
        response.end();
        settle(text);
      } else if (request.url?.endsWith(".js") === true) {
        loaded.add(request.url);
        response.setHeader("content-type", "text/javascript").end(readFileSync(path.join(folder, request.url)));
      } else response.setHeader("content-type", "text/html").end(PAGE);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const profile = path.join(project, "chromium-profile");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const process = spawn(browser, [...QUIET, `--user-data-dir=${profile}`, url], { stdio: "ignore" });
    const closed = once(process, "close");
    const timeout = setTimeout(() => settle(`no result within ${LIMIT_MS} ms`), LIMIT_MS);
    try {
      const text = await Promise.race([result, closed.then(() => "the browser ended")]);
      if (!text.startsWith("{")) throw new Error(text);
      for (const later of ["chat-session", "internal-refusal"])
        if (![...loaded].some((file) => file.includes(later))) throw new Error(`the page has not loaded ${later}`);
      return [JSON.parse(text)];
    } finally {
      clearTimeout(timeout);
      process.kill("SIGKILL");
      await closed;
      server.close();
      server.closeAllConnections();
    }
  };
}
