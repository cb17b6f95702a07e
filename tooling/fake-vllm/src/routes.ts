import type { Header } from "@vllm-tooling/fixtures";
import type { ReceivedRequest } from "./received-request.ts";
import type { Recordings } from "./recordings.ts";
import { readText, toReply, type Reply } from "./reply.ts";

/** Which paths a server has, and by which methods, as its own `/openapi.json` lists them. */
export interface Routes {
  /** Undefined where there is no such path. */
  methodsOf(path: string): readonly string[] | undefined;
  /** The answer to a request that no route takes: wrong method, a slash too many, no such path. */
  refuse(request: ReceivedRequest, path: string): Reply;
}

/** Tests start many servers of few configurations, and a list of routes is long. */
const known = new WeakMap<Recordings, Routes>();

export function routesOf(recordings: Recordings): Routes {
  const routes = known.get(recordings) ?? createRoutes(recordings);
  known.set(recordings, routes);
  return routes;
}

function createRoutes(recordings: Recordings): Routes {
  const table = [...readOpenApi(recordings), ...pages].map(({ path, methods }) => ({
    pattern: new RegExp(`^${path.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    methods,
  }));
  const methodsOf = (path: string) => table.find(({ pattern }) => pattern.test(path))?.methods;

  return {
    methodsOf,
    refuse(request, path) {
      const methods = methodsOf(path);
      if (methods) {
        // Each method of a path is a route of its own, and the first one answers; FastAPI's pages are one route with two.
        const allowed = methods.includes("HEAD") ? methods.join(", ") : (methods[0] ?? "");
        return withHeader(toReply(recordings.get("wrong-method-get-chat")), "allow", allowed);
      }
      if (path.length > 1 && path.endsWith("/") && methodsOf(path.slice(0, -1))) {
        const query = request.path.slice(path.length);
        const location = `http://${request.headers["host"] ?? ""}${path.slice(0, -1)}${query}`;
        return withHeader(toReply(recordings.get("models-trailing-slash")), "location", location);
      }
      return toReply(recordings.get("wrong-path", "root"));
    },
  };
}

/** FastAPI's own pages, which its list leaves out. */
const pages = ["/docs", "/openapi.json"].map((path) => ({ path, methods: ["GET", "HEAD"] }));

interface Route {
  readonly path: string;
  readonly methods: readonly string[];
}

/** FastAPI's JSON, or the list of `METHOD path` that was kept of it for older versions. */
function readOpenApi(recordings: Recordings): Route[] {
  const text = readText(toReply(recordings.get("openapi")));
  if (text.startsWith("{")) {
    const { paths } = JSON.parse(text) as { paths: Record<string, object> };
    return Object.entries(paths).map(([path, methods]) => ({
      path,
      methods: Object.keys(methods).map((method) => method.toUpperCase()),
    }));
  }
  const methodsByPath = new Map<string, string[]>();
  for (const line of text.trim().split("\n")) {
    const [method = "", path = ""] = line.split(" ");
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method]);
  }
  return [...methodsByPath].map(([path, methods]) => ({ path, methods }));
}

function withHeader(reply: Reply, name: string, value: string): Reply {
  const headers = reply.headers.map((header): Header =>
    header[0].toLowerCase() === name ? [header[0], value] : header,
  );
  return { ...reply, headers };
}
