import { displayUrl } from "../text/display-url.ts";
import { codeOfFetchWords } from "./fetch-words.ts";
import type { Cause } from "./network-reason.ts";
import { causeChain, reasonOf } from "./network-reason.ts";
import type { UnreachableReason } from "./vllm-error.ts";
import { VllmError } from "./vllm-error.ts";

/**
 * A failure before any HTTP answer → a `VllmError` with the address, the reason and advice.
 * Reads the system code from the error or anywhere in its `cause` chain (`fetch failed` hides it two levels deep); its text only
 * where fetch gives no code (Deno, browsers).
 * A caller's abort is `ABORTED`, a time limit `REQUEST_TIMEOUT`; a `VllmError`, also as a cause, is given back as it is.
 */
export function errorFromNetwork(cause: unknown, context: { url: string }): VllmError {
  const chain = causeChain(cause);
  const own = chain.find((each) => VllmError.isInstance(each));
  if (own !== undefined) return own;
  const url = displayUrl(context.url);
  const codes = chain.map(({ code }) => code).filter(isSystemCode);
  if (chain[0]?.name === "AbortError" && !chain.some(isProxyAnswer)) return aborted(url, cause);
  if (chain[0]?.name === "TimeoutError" || codes.some((code) => /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code))) {
    return timedOut(url, cause);
  }
  if (codes.some((code) => /HEADERS?_OVERFLOW$/.test(code))) return headTooLarge(url, cause);
  const systemCode = codes[0] ?? codeOfFetch(chain, context.url);
  const reason = chain.some(isProxyAnswer) ? "proxy" : reasonOf(systemCode);
  const refusal = reason === "proxy" ? chain.map(statusOfProxy).find((status) => status !== undefined) : undefined;
  const { said, hint, isRetryable } =
    refusal === undefined ? describe(reason, url, systemCode) : describeRefusal(refusal, url);
  return new VllmError({ code: "SERVER_UNREACHABLE", message: said, hint, isRetryable, reason, url, cause });
}

function isSystemCode(code: unknown): code is string {
  return typeof code === "string" && /^[A-Z][A-Z0-9_/]{2,80}$/.test(code);
}

/** undici's error for a proxy that does not open a tunnel; its code says only that the request ended. */
function isProxyAnswer({ message }: Cause): boolean {
  return typeof message === "string" && message.startsWith("Proxy response");
}

/** undici tells it in its message only. */
function statusOfProxy({ status, message }: Cause): number | undefined {
  if (typeof status === "number") return status;
  const said = typeof message === "string" ? /^Proxy response \((\d{3})\)/.exec(message)?.[1] : undefined;
  return said === undefined ? undefined : Number(said);
}

/** The proxy's answer to our wish for a tunnel. */
function describeRefusal(status: number, url: string): Words {
  const host = URL.canParse(url) ? new URL(url).host : url;
  if (status === 407) {
    return {
      said: `The proxy in front of ${host} requires a user name and password (407).`,
      hint: "Put them into HTTP_PROXY and HTTPS_PROXY (http://user:password@proxy:port), or add the server's host to NO_PROXY.",
      isRetryable: false,
    };
  }
  const isDown = status >= 500;
  return {
    said: `The proxy in front of ${host} ${isDown ? "could not reach it" : "does not let requests through to it"} (${status}).`,
    hint: isDown
      ? "Check that the server runs and that the proxy may reach it, or add the host to NO_PROXY to ask it directly."
      : "Ask who runs the proxy to allow this host and port, or add the host to NO_PROXY to ask it directly.",
    isRetryable: isDown,
  };
}

/** A code for what fetch tells only in words. */
function codeOfFetch(chain: readonly Cause[], url: string): string | undefined {
  if (chain.some(({ name }) => name === "HTTPParserError")) return "HPE_INVALID";
  const code = chain.map(({ message }) => codeOfFetchWords(message)).find((found) => found !== undefined);
  return code ?? (hasCredentials(url) ? "URL_CREDENTIALS" : undefined);
}

function hasCredentials(url: string): boolean {
  return URL.canParse(url) && new URL(url).username !== "";
}

function aborted(url: string, cause: unknown): VllmError {
  return new VllmError({
    code: "ABORTED",
    message: "The request was stopped by the caller.",
    hint: "Nothing is wrong with the server. Send the request again if it should not have been stopped.",
    url,
    cause,
  });
}

function timedOut(url: string, cause: unknown): VllmError {
  return new VllmError({
    code: "REQUEST_TIMEOUT",
    message: `No answer came from ${url} within the time limit.`,
    hint: "A busy, paused or sleeping server accepts requests and stays silent: look at its log and load, or allow more time.",
    isRetryable: true,
    url,
    cause,
  });
}

/** llhttp's and undici's own limit, which is not ours to raise. */
function headTooLarge(url: string, cause: unknown): VllmError {
  return new VllmError({
    code: "RESPONSE_TOO_LARGE",
    message: `The head of the answer from ${url} is larger than the HTTP client of this runtime accepts.`,
    hint: "Check the address: something other than vLLM may answer there (curl -sI <url> shows what). Node accepts more with --max-http-header-size.",
    url,
    cause,
  });
}

interface Words {
  said: string;
  hint: string;
  isRetryable: boolean;
}

function describe(reason: UnreachableReason, url: string, code: string | undefined): Words {
  const host = URL.canParse(url) ? new URL(url).host : url;
  const suffix = code === undefined ? "" : ` (${code})`;
  switch (reason) {
    case "refused":
      return {
        said: `Nothing listens at ${host}: the connection was refused (${url}).`,
        hint: "Start the server (vllm serve <model>), or wait: vLLM refuses connections until the model is loaded. From inside a container, 127.0.0.1 is the container itself: use the host's address.",
        isRetryable: true,
      };
    case "dns":
      return {
        said: `The name in ${url} cannot be resolved${suffix}.`,
        hint: "Check the spelling of the host name in baseUrl, or use the server's IP address.",
        isRetryable: code === "EAI_AGAIN",
      };
    case "timeout":
      return {
        said: `${host} did not accept a connection in time${suffix} (${url}).`,
        hint: "Check address, port and firewall. vLLM can be reached from other machines only when started with --host 0.0.0.0 (or its own address).",
        isRetryable: true,
      };
    case "tls":
      return {
        said: `The TLS connection to ${host} failed${suffix}.`,
        hint: adviseOnTls(code ?? ""),
        isRetryable: false,
      };
    case "proxy":
      return {
        said: `The proxy in front of ${host} could not be used${suffix}.`,
        hint: "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or add the host to NO_PROXY.",
        isRetryable: true,
      };
    case "reset":
      return {
        said: `${host} closed the connection without an answer${suffix} (${url}).`,
        hint: "Look at the server's log: it may be crashing or restarting. A server that speaks TLS does the same to http://: then use https:// in baseUrl.",
        isRetryable: true,
      };
    case "other":
      return adviseOnOther(url, code, suffix);
  }
}

function adviseOnTls(code: string): string {
  if (/WRONG_VERSION|PACKET_LENGTH/.test(code)) {
    return "The server probably speaks plain HTTP: use http:// instead of https:// in baseUrl.";
  }
  if (/EPROTO|ALERT|HANDSHAKE/.test(code)) {
    return "If the server speaks plain HTTP, use http:// in baseUrl; otherwise its TLS versions or certificate do not fit: look at its log.";
  }
  if (code.includes("ALTNAME")) {
    return "The certificate is made out to another name: use that name in baseUrl (@vllm/client also takes it as tls.servername).";
  }
  if (code.includes("EXPIRED")) return "The server's certificate has expired: renew it.";
  return "The server's certificate is not trusted here: set NODE_EXTRA_CA_CERTS=/path/to/ca.pem, or run node with --use-system-ca (@vllm/client also takes the CA as tls.ca, vllm-connect as --ca-file).";
}

/** What llhttp's codes, which our own parser has too, say of an answer. */
const RULES_OF_HTTP: Readonly<Record<string, string>> = {
  HPE_INVALID_HEADER_TOKEN: "A header of it holds a control character or is not a header",
  HPE_INVALID_CONTENT_LENGTH: "Its length (content-length) is not a number",
  HPE_UNEXPECTED_CONTENT_LENGTH: "It has more than one length (content-length, or one together with chunks)",
  HPE_INVALID_TRANSFER_ENCODING: "It says in two ways where it ends (transfer-encoding)",
  HPE_INVALID_CHUNK_SIZE: "The size of a chunk is not a number, or not the chunk's",
  HPE_INVALID_UPGRADE: "It changes to another protocol",
  HPE_CLOSED_CONNECTION: "It is longer than it says it is",
};

function adviseOnOther(url: string, code: string | undefined, suffix: string): Words {
  if (code === "BAD_PORT") {
    return {
      said: `fetch refuses to use the port of ${url}.`,
      hint: "Web standards block this port: let the server listen on another one (vllm serve --port 8000).",
      isRetryable: false,
    };
  }
  if (code === "BROWSER_FETCH") {
    return {
      said: `No answer came from ${url}; a browser does not tell why.`,
      hint: `Check that the server is running. vLLM 0.32 lets no web page in unless it is started with --allowed-origins '["https://your-page.example"]'.`,
      isRetryable: true,
    };
  }
  if (code === "URL_CREDENTIALS") {
    return {
      said: `fetch does not take a user name and password in an address (${url}).`,
      hint: "Send them as a header instead of in baseUrl: authorization: Basic <base64 of user:password>.",
      isRetryable: false,
    };
  }
  if (code?.startsWith("HPE_") === true && !/_(?:INVALID|CONSTANT|VERSION)$/.test(code)) {
    return {
      said: `The answer from ${url} breaks the rules of HTTP${suffix}, so it was not read.`,
      hint: `${RULES_OF_HTTP[code] ?? "Its bytes are not what HTTP/1.1 allows"}. The server or a proxy in front of it is at fault: curl -v ${url} shows what it sends; ask the server directly to compare (baseUrl).`,
      isRetryable: false,
    };
  }
  if (code?.startsWith("HPE_") === true) {
    return {
      said: `What answers at ${url} does not speak HTTP${suffix}.`,
      hint: "Check the port, and https:// against http:// in baseUrl.",
      isRetryable: false,
    };
  }
  return {
    said: `No answer came from ${url}${suffix}.`,
    hint: "Check that the server is running and that the address is right.",
    isRetryable: true,
  };
}
