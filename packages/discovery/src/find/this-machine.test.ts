import { expect, test } from "vitest";
import { readDefaultGateway } from "./default-gateway.ts";
import { listServeProcesses } from "./list-serve-processes.ts";
import { readSocketOwners } from "./socket-owners.ts";
import type { System } from "./system.ts";
import { readUserNames } from "./user-names.ts";

/** A machine with these files, and these words of `ps`. */
function machine(files: Record<string, string>, ps?: string): System {
  return {
    env: {},
    platform: ps === undefined ? "linux" : "darwin",
    uid: 1000,
    home: "/home/you",
    readText: async (path) => files[path],
    list: async (path) => [
      ...new Set(
        Object.keys(files)
          .filter((name) => name.startsWith(`${path}/`))
          .map((name) => name.split("/")[2] as string),
      ),
    ],
    ownerOf: async (path) => (path.endsWith("/7") ? 1001 : 1000),
    readLink: async (path) => (path.includes("/8/") ? "net:[2]" : "net:[1]"),
    run: async () => ps,
    resolve: async () => undefined,
  };
}

test("processes of all users are read from /proc, those of other network namespaces are not", async () => {
  const files = {
    "/proc/self/ns/net": "",
    "/proc/5/cmdline": "vllm\0serve\0m\0--port\x008005\0",
    "/proc/7/cmdline": "python3\0/venv/bin/vllm\0serve\0m\0",
    "/proc/8/cmdline": "vllm\0serve\0in-a-container\0",
    "/proc/9/cmdline": "bash\0",
  };
  expect(await listServeProcesses(machine(files))).toEqual([
    { pid: 5, baseUrl: "http://127.0.0.1:8005/v1", user: 1000 },
    { pid: 7, baseUrl: "http://127.0.0.1:8000/v1", user: 1001 },
  ]);
});

test("elsewhere by ps", async () => {
  const text = "  12 alice  /opt/bin/python3 /opt/bin/vllm serve m --port 8003\n  13 you  -zsh\n";
  expect(await listServeProcesses(machine({}, text))).toEqual([
    { pid: 12, baseUrl: "http://127.0.0.1:8003/v1", user: "alice" },
  ]);
});

test("owners of listening sockets come from /proc/net", async () => {
  const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  const files = {
    "/proc/net/tcp": `${head}   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1\n   1: 0100007F:1F41 0100007F:1F40 01 00000000:00000000 00:00000000 00000000  1000        0 2 1\n`,
    "/proc/net/tcp6": `${head}   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1\n`,
  };
  expect([...((await readSocketOwners(machine(files))) ?? [])]).toEqual([
    [8000, 1000],
    [8080, 0],
  ]);
  expect(await readSocketOwners(machine({}))).toBeUndefined();
});

test("the default gateway is read from the route table", async () => {
  const table = "Iface\tDestination\tGateway \tFlags\neth0\t0000FEA9\t00000000\t0001\neth0\t00000000\t010011AC\t0003\n";
  expect(await readDefaultGateway(machine({ "/proc/net/route": table }))).toBe("172.17.0.1");
  expect(await readDefaultGateway(machine({}))).toBeUndefined();
});

test("user ids have names, where the system knows them", async () => {
  const nameOf = await readUserNames(
    machine({ "/etc/passwd": "root:x:0:0::/root:/bin/sh\nalice:x:1001:1001::/:\n\n" }),
  );
  expect([nameOf(0), nameOf(1001), nameOf(77)]).toEqual(["root", "alice", "user 77"]);
});
