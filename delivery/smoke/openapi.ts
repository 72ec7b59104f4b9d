import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";

/** The fields of an OpenAPI document that are used here. */
export interface OpenApiDocument {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Record<string, Response> }>>>
  >;
  readonly components: { readonly securitySchemes?: object };
}

interface Response {
  /** The schema of the body, by media type. @default - there is no body */
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

/** An answer, and the operation of the document that it belongs to. */
export interface OperationAnswer {
  readonly method: string;
  /** The path as the document has it, such as `/items/{id}`. */
  readonly template: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Says how an answer differs from the document; `undefined` when it does not. */
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
  // The schema may contain references to the components.
  const validate = ajv.compile({ ...schema, components });
  try {
    if (validate(JSON.parse(text))) return undefined;
  } catch {
    return "the body is not JSON";
  }
  return `not as documented: ${ajv.errorsText(validate.errors, { dataVar: "body" })}`;
}
