import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HOME_KINDS, writeUsedHome } from "@vllm-tooling/agent-homes";
import { isLabSupported, startLab } from "@vllm-tooling/vllm-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CoderClawHome, Gateway } from "./coderclaw-home.ts";
import { createCoderClawHome } from "./coderclaw-home.ts";
import { openCoderClaw } from "./open-coderclaw.ts";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { packPackages } from "../host/pack-packages.ts";
import type { PackageRegistry } from "../host/package-registry.ts";
import { startPackageRegistry } from "../host/package-registry.ts";
import type { Person } from "../terminal.ts";
import { CTRL_U, ENTER } from "../terminal.ts";
import { inTurn, sayText } from "../written-answers.ts";

let product: string;
let home: CoderClawHome;
let gateway: Gateway | undefined;
let person: Person | undefined;
const start = useFakeServers();

beforeAll(async () => {
  product = await openCoderClaw();
});

afterEach(async () => {
  person?.leave();
  person = undefined;
  await gateway?.stop();
  gateway = undefined;
  await home.remove();
});

const startSaying = (text: string) => start({ scenario: inTurn([sayText(text)]) });

async function setUp(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await home.adapter(["setup", "--yes", ...words]);
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

describe.each(HOME_KINDS)("the commands that setup prints, in $kind", ({ used }) => {
  beforeEach(async () => {
    home = await createCoderClawHome(product, { used });
  });

  test("`coderclaw -m` through a gateway answers; `coderclaw agent -m` cannot be used in this version", async () => {
    const server = await startSaying("The sky is green.");
    const said = await setUp("--base-url", server.baseUrl);
    expect(said).toContain("coderclaw gateway run --allow-unconfigured");
    expect(said).toContain("coderclaw -m ");
    const agent = await home.coderclaw(["agent", "--local", "-m", "Hello"]);
    expect(agent).toMatchObject({ code: 1 });
    expect(agent.stderr).toContain("required option '-m, --message <text>' not specified");

    gateway = await home.startGatewayOnce();
    if (!used) {
      // A first gateway generates the token that its clients read, and does not accept it itself.
      person = home.openTerminal(["-m", "Which colour has the sky?"]);
      await person.see(/device token mismatch/, 60_000);
      person.leave();
      await gateway.stop();
      gateway = await home.startGatewayOnce();
    }
    person = home.openTerminal(["-m", "Which colour has the sky?"]);
    await person.see(/The sky is green\./, 60_000);
  });
});

test("the used home of the ordinary suite has the files and keys that this CoderClaw leaves behind", async () => {
  home = await createCoderClawHome(product, { used: true });
  const recorded = await mkdtemp(join(tmpdir(), "adapter-coderclaw-used-"));
  try {
    await writeUsedHome(recorded, "coderclaw");
    expect(await outline(home.home)).toEqual(await outline(recorded));
  } finally {
    await rm(recorded, { recursive: true, force: true });
  }
});

/** The keys of each JSON file of CoderClaw, whichever installation it is. Backups and the canvas page say nothing more. */
async function outline(folder: string): Promise<Record<string, string[]>> {
  const names = await readdir(join(folder, ".coderclaw"), { recursive: true });
  const found: Record<string, string[]> = {};
  for (const name of names.filter((name) => name.endsWith(".json"))) {
    const content = JSON.parse(await readFile(join(folder, ".coderclaw", name), "utf8")) as object;
    found[name.replace(/^[0-9a-f]{8}\//, "<installation>/")] = Object.keys(content).toSorted();
  }
  return found;
}

describe("the packed plugin, installed by CoderClaw itself", () => {
  let scratch: string;
  let registry: PackageRegistry;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "adapter-coderclaw-plugin-"));
    registry = await startPackageRegistry(await packPackages(join(scratch, "tarballs")));
  });
  afterAll(async () => {
    await registry.close();
    await rm(scratch, { recursive: true, force: true });
  });

  test.each(HOME_KINDS)("plugins install, models auth login, a turn, in $kind", async ({ used }) => {
    home = await createCoderClawHome(product, { used });
    const server = await startSaying("Hello.");
    await writeFile(join(home.home, ".npmrc"), `@vllm:registry=${registry.url}/\n`);
    const online = { NODE_USE_ENV_PROXY: "", HTTPS_PROXY: process.env["HTTPS_PROXY"] ?? "" };
    const installed = await home.coderclaw(["plugins", "install", "@vllm/coderclaw-adapter"], online);
    expect(installed.code, installed.stdout + installed.stderr).toBe(0);
    const { stdout } = await home.coderclaw(["plugins", "list", "--json"]);
    const { plugins } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { plugins: { id: string; status: string }[] };
    expect(plugins.find(({ id }) => id === "coderclaw-adapter")).toMatchObject({ status: "loaded" });

    person = home.openTerminal(["models", "auth", "login", "--provider", "vllm", "--set-default"]);
    await person.see(/vLLM base URL/, 60_000);
    person.type(`${CTRL_U}${server.baseUrl}${ENTER}`);
    await person.see(/vLLM API key/);
    person.type(ENTER);
    await person.see(new RegExp(`vLLM model[\\s\\S]*${server.model}`));
    person.type(ENTER);
    expect(await person.ended).toBe(0);
    const { models, agents } = await home.config();
    expect(models?.providers?.["vllm"]?.models).toMatchObject([{ id: server.model, contextWindow: 32_768 }]);
    expect(agents?.defaults?.model?.primary).toBe(`vllm/${server.model}`);
    gateway = await home.startGateway();
    expect((await gateway.turn("Hello")).text).toBe("Hello.");
  });
});

const lab = await isLabSupported();
const reason = lab.supported ? "" : `, which needs another machine: ${lab.reason}`;

describe.skipIf(!lab.supported)(`a real vLLM${reason}`, () => {
  test.each(HOME_KINDS)("setup, doctor --active, a turn, in $kind", async ({ used }) => {
    home = await createCoderClawHome(product, { used });
    const server = await startLab({ apiKey: "sk-lab" });
    try {
      const env = { VLLM_API_KEY: "sk-lab" };
      const setup = await home.adapter(["setup", "--yes", "--base-url", server.baseUrl], env);
      expect(setup.code, setup.stdout + setup.stderr).toBe(0);
      const doctor = await home.adapter(["doctor", "--active"], env);
      expect(doctor.code, doctor.stdout).toBe(0);
      gateway = await home.startGateway(env);
      expect((await gateway.turn("Hello")).text).toBe("Hello there! How can I help you today?");
    } finally {
      await server.stop();
    }
  });
});
