/** Next to vLLM's own 8000, and used by nothing well known. */
export const DEFAULT_BRIDGE_PORT = 8010;

/** The route by which a bridge is known: vLLM has none of this name. */
export const STATUS_PATH = "/vllm-bridge";

/** Sent with a 401. By it `doctor` knows a bridge whose key it does not have. */
export const CHALLENGE = 'Bearer realm="vllm-bridge"';

/** What `GET /vllm-bridge` answers. Holds no key and no login. */
export interface BridgeStatus {
  /** Version of `@vllm/coderclaw-adapter`. */
  bridge: string;
  /** Root of vLLM's OpenAI routes, such as `http://gpu1:8000/v1`. */
  upstream: string;
  /** What a probe of vLLM showed a moment ago: `ready`, `starting`, `unreachable`, `locked` … as `@vllm/discovery` names it. */
  upstreamState: string;
  /** Requests that are being answered, this one not counted. */
  running: number;
}
