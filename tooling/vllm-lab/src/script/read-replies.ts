import { readFile } from "node:fs/promises";

import type { Reply } from "./reply.ts";

/** The package's replies, scripts/replies.json. */
export async function readReplies(): Promise<Reply[]> {
  return JSON.parse(await readFile(new URL("../../scripts/replies.json", import.meta.url), "utf8")) as Reply[];
}
