// The browser's client, taken through everything that the everything-server has. Arguments: the URL, the era.
// Prints what it saw as one line of JSON.

import { MCPClient } from "../../Web/vestibule.js";

const [url, era] = process.argv.slice(2);
const asked = [];
const logs = [];
const client = new MCPClient({
    url, era, logLevel: "silent",
    handlers: {
        elicit: ({ message, requestedSchema }) => {
            asked.push(message);
            const names = Object.keys(requestedSchema.properties);
            // What has a default is left out; but the published schemas know no answer that is a fraction.
            const plain = names.filter((name) => requestedSchema.properties[name].default === undefined);
            return { action: "accept", content: {
                ...Object.fromEntries(plain.map((name) => [name, `my ${name}`])),
                ...(names.includes("score") && { score: 95 }),
            } };
        },
        elicitURL: ({ url: address }) => {
            asked.push(address);
            return { action: "decline" };
        },
        sample: ({ messages }) => ({ role: "assistant", model: "none",
            content: { type: "text", text: `you said ${[messages[0].content].flat()[0].text}` } }),
        roots: [{ uri: "file:///home/ada", name: "home" }],
    },
});
client.addEventListener("log", ({ detail }) => logs.push(detail.data));

const textOf = ({ content }) => content.map(({ text }) => text).join(" ");
const call = async (name, args, options) => textOf(await client.callTool(name, args, options));
const seen = {};

await client.initialize();
seen.era = client.era;
seen.version = client.server.protocolVersion;
seen.tools = (await client.listTools()).length;
seen.resources = (await client.listResources()).map(({ uri }) => uri);
seen.templates = (await client.listResourceTemplates()).map(({ uriTemplate }) => uriTemplate);
seen.prompts = (await client.listPrompts()).length;
seen.text = (await client.readResource("test://static-text"))[0].text;
seen.missing = await client.readResource("test://nowhere").then(() => null, ({ rpcError }) => rpcError.code);
seen.prompt = (await client.getPrompt("test_prompt_with_arguments", { arg1: "a", arg2: "b" })).messages[0].content.text;
seen.completion = (await client.complete({ type: "ref/prompt", name: "test_prompt_with_arguments" },
    { name: "arg1", value: "par" })).values;

const progress = [];
await call("test_tool_with_progress", {}, { onProgress: (one) => progress.push(one.progress) });
seen.progress = progress;
await client.setServerLogLevel("debug");
await call("test_tool_with_logging");
seen.logs = logs;

seen.elicited = await call("test_elicitation", { message: "Who?" });
seen.defaults = await call("test_elicitation_sep1034_defaults");
seen.sampled = await call("test_sampling", { prompt: "hello" });
seen.roots = await call("test_roots");
seen.consent = await call("test_elicitation_url");
seen.rounds = await call("test_input_required_result_multi_round").catch(String);
seen.asked = asked;

seen.reconnected = await call("test_reconnection").then((text) => text, ({ code }) => code);

const controller = new AbortController();
const waiting = client.callTool("test_wait", { seconds: 30 }, { signal: controller.signal,
    onProgress: () => controller.abort() });
seen.cancelled = await waiting.then(() => null, ({ name }) => name);

const changes = client.subscribe({ toolsListChanged: true, resourceSubscriptions: ["test://watched-resource"] },
    { signal: AbortSignal.timeout(5000) });
const next = async () => {
    const { value } = await changes.next();
    return value?.uri ?? value?.kind ?? null;
};
seen.changes = [await next()];
await call("test_trigger_tool_change");
seen.changes.push(await next());
await call("test_update_resource");
seen.changes.push(await next());
await changes.return();
seen.failed = client.records.filter(({ status }) => status >= 400).map(({ method, status }) => `${method} ${status}`);

await client.close();
process.stdout.write(`${JSON.stringify(seen)}\n`);
process.exit();
