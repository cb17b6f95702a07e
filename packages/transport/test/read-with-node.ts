import { request } from "node:http";
import { Duplex } from "node:stream";

/** What a client makes of the bytes of an answer. */
export type Verdict = { refused: string } | { status: number; statusText: string; lines: string[]; body: string };

/** `node:http`'s reading of an answer on a connection that the server then closes. Nothing goes through the network. */
export function readWithNode(answer: Uint8Array, method = "POST"): Promise<Verdict> {
  return new Promise((resolve) => {
    const wire = new Wire();
    let refused: string | undefined;
    let whole: Verdict | undefined;
    // An error may come after the end of the body that it belongs to.
    const settle = () =>
      setImmediate(() =>
        resolve(refused === undefined && whole !== undefined ? whole : { refused: refused ?? "no answer" }),
      );
    const refuse = (error: NodeJS.ErrnoException) => {
      refused ??= error.code ?? error.message;
      settle();
    };
    const outgoing = request({ method, createConnection: () => wire }, (incoming) => {
      let body = "";
      incoming.setEncoding("latin1");
      incoming.on("data", (piece: string) => (body += piece));
      incoming.on("error", refuse);
      incoming.on("end", () => {
        const { statusCode = 0, statusMessage = "", rawHeaders } = incoming;
        whole = { status: statusCode, statusText: statusMessage, lines: rawHeaders, body };
        settle();
      });
    });
    outgoing.on("error", refuse);
    outgoing.on("upgrade", () => refuse(new Error("upgrade")));
    outgoing.on("close", settle);
    outgoing.end();
    setImmediate(() => {
      wire.push(answer);
      wire.push(null);
    });
  });
}

/** As much of a socket as `node:http` needs. */
class Wire extends Duplex {
  override _read(): void {}

  override _write(_piece: unknown, _encoding: string, done: () => void): void {
    done();
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): void {}

  unref(): void {}
}
