/** Reads many streams at once with node:http and as little work as can be, and tells how late each event was. Forked by `run-load.ts`. */
import { Agent, request } from "node:http";
import { clock } from "./clock.ts";

const [baseUrl = "", streams = "200"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
const body = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "x" }] });
const latencies: number[] = [];
const STAMP = /" (\d{15})"/g;

function read(): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${baseUrl}/chat/completions`, {
      method: "POST",
      agent,
      headers: { "content-type": "application/json" },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (answer) => {
      let rest = "";
      answer.setEncoding("latin1");
      answer.on("data", (piece: string) => {
        const now = clock();
        const text = rest + piece;
        for (const [, stamp] of text.matchAll(STAMP)) latencies.push(now - Number(stamp));
        rest = text.slice(text.lastIndexOf("\n\n") + 2);
      });
      answer.on("end", resolve).on("error", reject);
    });
    outgoing.end(body);
  });
}

await Promise.all(Array.from({ length: Number(streams) }, read));
process.send?.({ latencies });
