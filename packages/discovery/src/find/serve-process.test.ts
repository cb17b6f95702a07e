import { expect, test } from "vitest";
import { readServeCommand } from "./serve-process.ts";

test.each([
  ["vllm serve Qwen/Qwen3-8B", "http://127.0.0.1:8000/v1"],
  ["/opt/venv/bin/python3.12 /opt/venv/bin/vllm serve m --port 9000", "http://127.0.0.1:9000/v1"],
  ["python -m vllm.entrypoints.openai.api_server --model m --port=8001", "http://127.0.0.1:8001/v1"],
  ["python3 -O -m vllm.entrypoints.cli.main serve m", "http://127.0.0.1:8000/v1"],
  ["vllm serve m --host 0.0.0.0 --port 1 --port 2", "http://127.0.0.1:2/v1"],
  ["vllm serve m --host 192.0.2.7", "http://192.0.2.7:8000/v1"],
  ["vllm serve m --host ::1", "http://[::1]:8000/v1"],
  ["vllm serve m --ssl_keyfile k --ssl-certfile c", "https://127.0.0.1:8000/v1"],
  ["vllm serve m --uds /run/vllm.sock", undefined],
  ["vllm serve m --port 0", undefined],
  ["vllm serve m --port 99999", undefined],
  ["vllm bench serve", undefined],
  ["grep vllm serve", undefined],
  ["python -m http.server 8000", undefined],
  ["", undefined],
])("%s → %s", (command, expected) => {
  expect(readServeCommand(command.split(" "))).toBe(expected);
});
