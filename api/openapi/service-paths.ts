import { commonProblems, content, empty, problem } from "./responses";

const status = (value: string) => ({
  type: "object",
  properties: { status: { const: value } },
  required: ["status"],
  additionalProperties: false,
});

/** A file that does not change until the next deployment. */
const file = (operationId: string, summary: string, mediaType: string, problems = {}) => ({
  get: {
    operationId,
    tags: ["service"],
    summary,
    parameters: [{ name: "If-None-Match", in: "header", schema: { type: "string" } }],
    responses: {
      200: content("The content.", mediaType, {}, ["ETag"]),
      304: empty("The content has not changed.", ["ETag"]),
      ...problems,
      ...commonProblems,
    },
  },
});

const notBuilt = { 404: problem(404, "The page is not built.") };

/** The paths for health checks and documentation. */
export const servicePaths = {
  "/health": {
    get: {
      operationId: "readHealth",
      tags: ["service"],
      summary: "Readiness: whether this task accepts requests",
      description: "For the load balancer. It does not call any other service.",
      responses: {
        200: content("The task accepts requests.", "application/json", status("ok")),
        503: content("The task is stopping.", "application/json", status("stopping")),
        ...commonProblems,
      },
    },
  },
  "/live": {
    get: {
      operationId: "readLiveness",
      tags: ["service"],
      summary: "Liveness: whether this task is alive",
      description: "For the container's health check. It also succeeds while the task is stopping.",
      responses: {
        200: content("The task is alive.", "application/json", status("ok")),
        ...commonProblems,
      },
    },
  },
  "/openapi.json": file("readDocument", "This document", "application/json"),
  "/docs": file("readDocs", "This document as an interactive page", "text/html", notBuilt),
  "/docs/page.css": file("readDocsStyle", "The style sheet of that page", "text/css", notBuilt),
  "/docs/page.js": file("readDocsScript", "The script of that page", "text/javascript", notBuilt),
};
