// Where each framework shows the reasoning of an answer: printed as JSON. Run in a folder that has them all.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import Anthropic from "@anthropic-ai/sdk";
import { ChatOpenAI } from "@langchain/openai";
import { OpenAI as LlamaOpenAI } from "@llamaindex/openai";
import { Agent as MastraAgent } from "@mastra/core/agent";
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled } from "@openai/agents";
import { createBridgeFetch } from "@vllm/bridge/fetch";
import { generateText, streamText } from "ai6";
import OpenAI from "openai";

const baseURL = process.argv[2];
const model = "lab/tiny";
const input = "Hello";
const messages = [{ role: "user", content: input }];
const fetch = createBridgeFetch();
const shows = (value) => (JSON.stringify(value) ?? "").includes("The user greets me");
/** All that was streamed, as one text: a delta holds a word or less. */
const joined = async (stream, read) => {
  let text = "";
  for await (const each of stream) text += read(each) ?? "";
  return shows(text);
};

const openai = new OpenAI({ baseURL, apiKey: "none", fetch });
const langchain = new ChatOpenAI({ model, apiKey: "none", configuration: { baseURL, fetch } });
const llama = new LlamaOpenAI({ model, apiKey: "none", baseURL, additionalSessionOptions: { fetch } });
setTracingDisabled(true);
const agent = new Agent({ name: "A", model: new OpenAIChatCompletionsModel(openai, model) });
const aiModel = createOpenAICompatible({ name: "vllm", baseURL, fetch })(model);
const mastra = new MastraAgent({ id: "a", name: "A", instructions: "Be kind.", model: aiModel });
const anthropic = new Anthropic({ baseURL: baseURL.replace(/\/v1$/, ""), authToken: "none", fetch });

const langchainAnswer = await langchain.invoke(input);
const llamaAnswer = await llama.chat({ messages });
const agentAnswer = await run(agent, input);
const agentStream = await run(agent, input, { stream: true });
const agentEvents = [];
for await (const event of agentStream) agentEvents.push(event);
const anthropicAnswer = await anthropic.messages.create({ model, max_tokens: 1024, messages });

console.log(
  JSON.stringify({
    openaiChat: {
      whole: shows((await openai.chat.completions.create({ model, messages })).choices[0].message.reasoning),
      streamed: await joined(
        await openai.chat.completions.create({ model, messages, stream: true }),
        (chunk) => chunk.choices[0]?.delta.reasoning,
      ),
    },
    openaiResponses: {
      whole: shows((await openai.responses.create({ model, input })).output),
      streamed: await joined(await openai.responses.create({ model, input, stream: true }), (event) =>
        event.type === "response.reasoning_text.delta" ? event.delta : "",
      ),
    },
    langchain: {
      whole: shows([langchainAnswer, langchainAnswer.contentBlocks]),
      streamed: await joined(await langchain.stream(input), (chunk) => JSON.stringify(chunk)),
    },
    agents: {
      whole: shows(agentAnswer.newItems),
      streamedPiecewise: await joined(agentEvents, ({ type, data }) =>
        type === "raw_model_stream_event" && data.type === "output_text_delta" ? data.delta : "",
      ),
      streamedWhole: shows(agentEvents.filter(({ data }) => data?.type === "response_done")),
    },
    llamaindex: {
      whole: shows(llamaAnswer.message),
      inRaw: shows(llamaAnswer.raw),
      streamed: await joined(await llama.chat({ messages, stream: true }), ({ delta }) => delta),
      streamedInRaw: await joined(
        await llama.chat({ messages, stream: true }),
        ({ raw }) => raw?.choices?.[0]?.delta?.reasoning,
      ),
    },
    mastra: {
      whole: shows((await mastra.generate(input)).reasoningText),
      streamed: await joined((await mastra.stream(input)).fullStream, (part) =>
        part.type === "reasoning-delta" ? part.payload.text : "",
      ),
    },
    anthropic: {
      whole: shows(anthropicAnswer.content.filter(({ type }) => type === "thinking")),
      streamed: await joined(anthropic.messages.stream({ model, max_tokens: 1024, messages }), ({ delta }) =>
        delta?.type === "thinking_delta" ? delta.thinking : "",
      ),
    },
    aiSdk6: {
      whole: shows((await generateText({ model: aiModel, prompt: input })).reasoningText),
      streamed: await joined(streamText({ model: aiModel, prompt: input }).fullStream, (part) =>
        part.type === "reasoning-delta" ? part.text : "",
      ),
    },
  }),
);
process.exit(0);
