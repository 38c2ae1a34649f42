// The browser's client with somebody else's server: it finds out the era by itself and calls every tool. Arguments: the
// URL. Prints what it saw as one line of JSON.

import { MCPClient } from "../../Web/vestibule.js";

const client = new MCPClient({
    url: process.argv[2], logLevel: "silent",
    handlers: {
        // The rest by its defaults; but the published schemas know no answer that is a fraction.
        elicit: ({ requestedSchema: { properties } }) => ({
            action: "accept", content: properties.score ? { score: 1 } : {},
        }),
        elicitURL: () => ({ action: "decline" }),
        sample: () => ({ role: "assistant", model: "none", content: { type: "text", text: "hm" } }),
        roots: [{ uri: "file:///home/ada" }],
    },
});
const examples = { integer: 1, number: 1, boolean: true, array: [], object: {} };
const seen = { tools: {} };
await client.initialize();
seen.era = client.era;
for (const { name, inputSchema } of await client.listTools()) {
    // These two wait for whoever gives up.
    if (name === "slow" || name === "wait") continue;
    const args = Object.fromEntries((inputSchema.required ?? []).map((argument) =>
        [argument, examples[inputSchema.properties[argument].type] ?? "x"]));
    seen.tools[name] = await client.callTool(name, args).then(
        ({ content: [first], isError }) => `${isError ? "failed: " : ""}${first?.text ?? first?.type}`.slice(0, 100),
        String);
}
seen.resources = (await client.listResources()).length;
seen.templates = (await client.listResourceTemplates()).length;
seen.prompts = (await client.listPrompts()).length;
await client.close();
process.stdout.write(`${JSON.stringify(seen)}\n`);
process.exit();
