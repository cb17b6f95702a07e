import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";

import { findFreePort } from "./find-free-port.ts";

it("finds one that can be listened on", async () => {
  const port = await findFreePort(0);
  expect(port).toBeGreaterThan(1023);
  expect(await findFreePort(port)).toBe(port);
});

it("says when the wanted one is taken, and what to do", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await expect(findFreePort(port)).rejects.toMatchObject({
    name: "LabError",
    message: `Port ${port} is in use.`,
    hint: expect.stringContaining("--port"),
  });
  server.close();
});
