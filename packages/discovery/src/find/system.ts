/** What the search reads of this machine. Every function answers with nothing where the platform has no such thing; none throws. */
export interface System {
  env: Readonly<Record<string, string | undefined>>;
  platform: string;
  /** Of who runs this program; undefined on Windows. */
  uid: number | undefined;
  home: string;
  readText(path: string): Promise<string | undefined>;
  list(path: string): Promise<string[]>;
  /** User id of the owner of a file or folder. */
  ownerOf(path: string): Promise<number | undefined>;
  /** Where a link of `/proc` leads to. */
  readLink(path: string): Promise<string | undefined>;
  /** What a program prints; undefined when it fails. */
  run(program: string, words: readonly string[]): Promise<string | undefined>;
  /** Address of a name. */
  resolve(name: string): Promise<string | undefined>;
}

const RUN_MS = 3000;

/** This machine; undefined where there is no Node, or none that shows it. */
export function currentSystem(): System | undefined {
  const { process } = globalThis;
  if (typeof process?.getBuiltinModule !== "function") return undefined;
  const files = process.getBuiltinModule("node:fs/promises");
  const { execFile } = process.getBuiltinModule("node:child_process");
  const { homedir } = process.getBuiltinModule("node:os");
  const { lookup } = process.getBuiltinModule("node:dns/promises");
  const orNothing = <Value>(value: Promise<Value>): Promise<Value | undefined> => value.catch(() => undefined);
  return {
    env: process.env,
    platform: process.platform,
    uid: process.getuid?.(),
    home: homedir(),
    readText: (path) => orNothing(files.readFile(path, "utf8")),
    list: async (path) => (await orNothing(files.readdir(path))) ?? [],
    ownerOf: async (path) => (await orNothing(files.stat(path)))?.uid,
    readLink: (path) => orNothing(files.readlink(path)),
    run: (program, words) =>
      new Promise((resolve) => {
        execFile(program, [...words], { timeout: RUN_MS, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
          resolve(error === null ? stdout : undefined);
        });
      }),
    resolve: async (name) => (await orNothing(lookup(name)))?.address,
  };
}
