import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";

/** What is used of an OpenAPI document. */
export interface OpenApiDocument {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Record<string, Response> }>>>
  >;
  readonly components: { readonly securitySchemes?: object };
}

interface Response {
  /** The body's schema by media type. @default - there is no body */
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

/** An answer, and which operation of the document it is of. */
export interface OperationAnswer {
  readonly method: string;
  /** Path as the document has it: `/items/{id}`. */
  readonly template: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** What of an answer is not as documented; undefined when all is. */
export function undocumented(document: OpenApiDocument, answer: OperationAnswer) {
  const { method, template, status, contentType, text } = answer;
  const operation = document.paths[template]?.[method.toLowerCase()];
  const response = operation?.responses[status];
  if (!response) return `/openapi.json has no answer ${status} to ${method} ${template}`;
  if (!response.content) return text === "" ? undefined : "expected no body";
  const [mediaType = ""] = contentType.split(";");
  const schema = response.content[mediaType]?.schema;
  const documented = Object.keys(response.content).join(", ");
  if (!schema) return `the Content-Type is "${contentType}", expected ${documented}`;
  return invalid(schema, document, text);
}

function invalid(schema: object, { components }: OpenApiDocument, text: string) {
  const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
  // With the components beside it, for the references into them.
  const validate = ajv.compile({ ...schema, components });
  try {
    if (validate(JSON.parse(text))) return undefined;
  } catch {
    return "the body is not JSON";
  }
  return `not as documented: ${ajv.errorsText(validate.errors, { dataVar: "body" })}`;
}
