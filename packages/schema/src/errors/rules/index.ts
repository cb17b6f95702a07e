import { authentication } from "./authentication.ts";
import { busy } from "./busy.ts";
import { chatTemplate } from "./chat-template.ts";
import { contextLength } from "./context-length.ts";
import { engineFailed } from "./engine.ts";
import { inputType } from "./input-type.ts";
import { modelOutput } from "./model-output.ts";
import { proxyStatus } from "./proxy-status.ts";
import { request } from "./request.ts";
import { router } from "./router.ts";
import type { Rule } from "./rule.ts";
import { shuttingDown } from "./shutting-down.ts";
import { templateTimeout } from "./template-timeout.ts";
import { tlsPort } from "./tls-port.ts";
import { toolParser } from "./tool-parser.ts";
import { unknownModel } from "./unknown-model.ts";
import { wrongRoute } from "./wrong-route.ts";

/** In the order in which they are asked: words that are certain first, the bare status last. */
export const RULES: readonly Rule[] = [
  shuttingDown,
  engineFailed,
  tlsPort,
  templateTimeout,
  contextLength,
  toolParser,
  authentication,
  unknownModel,
  modelOutput,
  inputType,
  request,
  chatTemplate,
  busy,
  proxyStatus,
  router,
  wrongRoute,
];
