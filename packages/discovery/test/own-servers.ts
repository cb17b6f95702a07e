import { createServer as createHttpServer } from "node:http";
import type { RequestListener, Server as HttpServer } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach } from "vitest";

/** Servers of a test's own on 127.0.0.1, closed after each test. Both functions give an address with `/v1`. */
export function useOwnServers() {
  const open: (Server | HttpServer)[] = [];
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    for (const server of open.splice(0)) server.close();
  });

  async function listen(server: Server | HttpServer): Promise<string> {
    open.push(server);
    server.on("connection", (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  return { listen, serve: (listener: RequestListener) => listen(createHttpServer(listener)) };
}
