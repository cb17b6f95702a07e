import { readFileSync } from "node:fs";
import path from "node:path";
import type { PublishedPackage } from "../repository.ts";

/** Addresses that READMEs use for a server. */
const SERVERS = /http:\/\/(?:127\.0\.0\.1|gpu1):8000/g;

/** The first TypeScript program of a package's README, sent to another server; undefined where there is none. */
export function readmeProgram({ directory }: PublishedPackage, serverUrl: string): string | undefined {
  const readme = readFileSync(path.join(directory, "README.md"), "utf8");
  return /```ts\n([\s\S]*?)```/.exec(readme)?.[1]?.replace(SERVERS, new URL(serverUrl).origin);
}
