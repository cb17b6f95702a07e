/** In place of the bridge: copies bytes and looks at none, which is the least that anything between a host and a server can do. Forked by `run-load.ts`. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { answerUsage } from "./usage.ts";

const { hostname, port } = new URL(process.argv[2] ?? "");
const relay = createServer({ noDelay: true }, (host) => {
  const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
  pipeline(host, upstream, host, () => {});
});
relay.listen(0, "127.0.0.1");
await once(relay, "listening");
answerUsage();
process.send?.({ baseUrl: `http://127.0.0.1:${(relay.address() as AddressInfo).port}/v1` });
