/** The bridge, as `vllm-connect bridge` starts it. Forked by `run-load.ts`. */
import { once } from "node:events";
import { createBridge } from "../../src/index.ts";
import { answerUsage } from "./usage.ts";

const [upstream = "", recovers = "true"] = process.argv.slice(2);
const recover = recovers === "true" ? undefined : false;
const bridge = createBridge({ upstream, recover, reasoningTokens: "drop", log: () => {} });
bridge.listen(0);
await once(bridge, "listening");
answerUsage();
process.send?.({ baseUrl: bridge.baseUrl });
