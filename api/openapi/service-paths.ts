import { commonProblems, content, empty, problem } from "./responses";

const status = (value: string) => ({
  type: "object",
  properties: { status: { const: value } },
  required: ["status"],
  additionalProperties: false,
});

/** What stays the same until the next deployment. */
const file = (operationId: string, summary: string, mediaType: string, problems = {}) => ({
  get: {
    operationId,
    tags: ["service"],
    summary,
    parameters: [{ name: "If-None-Match", in: "header", schema: { type: "string" } }],
    responses: {
      200: content("The content.", mediaType, {}, ["ETag"]),
      304: empty("The content is the one that you have.", ["ETag"]),
      ...problems,
      ...commonProblems,
    },
  },
});

const notBuilt = { 404: problem(404, "The page is not built.") };

/** Health, and what the service says of itself. */
export const servicePaths = {
  "/health": {
    get: {
      operationId: "readHealth",
      tags: ["service"],
      summary: "Whether this task takes requests",
      description: "Asks nothing of others: for the load balancer.",
      responses: {
        200: content("It does.", "application/json", status("ok")),
        503: content("It is about to end.", "application/json", status("stopping")),
        ...commonProblems,
      },
    },
  },
  "/live": {
    get: {
      operationId: "readLiveness",
      tags: ["service"],
      summary: "Whether this task is alive",
      description: "Also while it is about to end: for the container's health check.",
      responses: {
        200: content("It is.", "application/json", status("ok")),
        ...commonProblems,
      },
    },
  },
  "/openapi.json": file("readDocument", "This document", "application/json"),
  "/docs": file("readDocs", "This document to read and to try", "text/html", notBuilt),
  "/docs/page.css": file("readDocsStyle", "How that page looks", "text/css", notBuilt),
  "/docs/page.js": file("readDocsScript", "What that page does", "text/javascript", notBuilt),
};
