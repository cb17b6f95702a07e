export { chunk } from "./chunk.ts";
export { startFakeVllm, type FakeVllm, type FakeVllmOptions } from "./start-fake-vllm.ts";
export { createVllmHandlers, type MswFailureKind, type VllmHandlersOptions } from "./msw-handlers.ts";
export { createControlledStream, type ControlledStream } from "./controlled-stream.ts";
export { failureKinds, type Failure, type FailureKind } from "./failure.ts";
export type { ReceivedRequest } from "./received-request.ts";
export { servedModelOf } from "./served-model.ts";
export { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY } from "./test-certificate.ts";
export type { Scenario } from "./scenario.ts";
