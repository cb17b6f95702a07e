import { once } from "node:events";
import { createServer } from "node:net";

import { LabError } from "./lab-error.ts";

/** The port if it is free on loopback; for 0 one that the system chooses. */
export async function findFreePort(port = 0): Promise<number> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new LabError(`Port ${port} is in use.`, "Stop what uses it, or choose another with --port.");
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : port;
}
