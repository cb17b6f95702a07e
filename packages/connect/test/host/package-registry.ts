import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { promisify } from "node:util";

const runFile = promisify(execFile);

export interface PackageRegistry {
  url: string;
  close(): Promise<void>;
}

/** A registry on 127.0.0.1 that has just these tarballs, as if they were published: for an npm whose scope `@vllm` points here. */
export async function startPackageRegistry(tarballs: readonly string[]): Promise<PackageRegistry> {
  const files = new Map<string, Buffer>();
  const documents = new Map<string, (url: string) => object>();
  for (const tarball of tarballs) {
    const { stdout } = await runFile("tar", ["-xOf", tarball, "package/package.json"]);
    const manifest = JSON.parse(stdout) as { name: string; version: string };
    const bytes = await readFile(tarball);
    files.set(`/${basename(tarball)}`, bytes);
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    documents.set(`/${manifest.name}`, (url) => ({
      name: manifest.name,
      "dist-tags": { latest: manifest.version },
      versions: { [manifest.version]: { ...manifest, dist: { tarball: `${url}/${basename(tarball)}`, integrity } } },
    }));
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    const file = files.get(path);
    const document = documents.get(path);
    if (file !== undefined) response.end(file);
    else if (document !== undefined) response.end(JSON.stringify(document(url)));
    else response.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
