import { startLab, type Lab, type StartLabOptions } from "@vllm-tooling/vllm-lab";
import { createServer } from "node:net";
import { once } from "node:events";

export interface Router {
  name: string;
  /** With `/v1`. */
  baseUrl: string;
  /** Fulfilled when the router counts every server as healthy; one that does not look at them counts none. */
  untilWhole(): Promise<void>;
  stop(): Promise<void>;
}

/** Real vLLM servers on fixed ports, which can be stopped and started again one by one. */
export interface Fleet {
  ports: readonly number[];
  /** The answer to SIGTERM, as a supervisor sends it: fulfilled when the server has ended. */
  terminate(index: number): Promise<void>;
  /** SIGKILL to all its processes. */
  kill(index: number): Promise<void>;
  /** Fulfilled when it answers. */
  start(index: number, more?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** @param options of every server: its model, flags and environment */
export async function startFleet(size: number, options: StartLabOptions): Promise<Fleet> {
  const ports = await Promise.all(Array.from({ length: size }, findPort));
  const labs = new Map<number, Lab>();
  const fleet: Fleet = {
    ports,
    async terminate(index) {
      const lab = labs.get(index)!;
      process.kill(lab.apiServerPid, "SIGTERM");
      await lab.ended;
      await lab.stop();
    },
    async kill(index) {
      const lab = labs.get(index)!;
      lab.kill("api");
      lab.kill("engine");
      await lab.stop();
    },
    async start(index, more = []) {
      labs.set(index, await startLab({ ...options, flags: [...(options.flags ?? []), ...more], port: ports[index] }));
    },
    async stop() {
      await Promise.all([...labs.values()].map((lab) => lab.stop()));
    },
  };
  for (const index of ports.keys()) await fleet.start(index);
  return fleet;
}

export async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
