/** A wrong argument, or a store that cannot answer. The model gets the message. */
export class ToolError extends Error {}
