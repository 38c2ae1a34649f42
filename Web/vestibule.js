// The browser's side of Vestibule: an MCP client whose token cannot go stale, and the manager of the token.
export { MCPClient } from "./mcp-client.js";
export { DynamicAuthManager } from "./auth-manager.js";
export { TokenManager } from "./token-manager.js";
export { endpointToken } from "./endpoint-token.js";
export { MCPClientError } from "./errors.js";
export { reasons, isReason, reasonSentence, reasonLink } from "./reasons.js";
export { describeRecord } from "./request-record.js";
export { inWords } from "./words.js";
export { defaultLegacyKeys } from "./legacy-storage.js";
export { ServerSentEventParser } from "./server-sent-events.js";
export { parseBearerChallenges } from "./bearer-challenge.js";
export { systemClock } from "./clock.js";
