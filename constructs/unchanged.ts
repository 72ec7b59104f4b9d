import { type IResolvable, type IResolveContext, Token } from "cdktf";

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "${": "$${",
  "%{": "%%{",
};

/** A text as a string literal of Terraform's language, without its quotes. */
const escaped = (text: string) =>
  text.replace(/[\\"\n\r\t]|[$%]\{/g, (found) => ESCAPES[found] ?? found);

/**
 * A text that arrives byte for byte inside a Terraform expression, such as an argument of
 * `Fn.jsonencode`. CDKTF escapes neither quotes nor backslashes nor `%{` there.
 *
 * A token, which is an expression already, stays as it is.
 */
export function unchanged(text: string): string {
  if (Token.isUnresolved(text)) return text;
  const literal: IResolvable = {
    creationStack: [],
    resolve: ({ suppressBraces }: IResolveContext) => {
      if (!suppressBraces) throw new Error(`${JSON.stringify(text)} is not inside an expression`);
      return `"${escaped(text)}"`;
    },
    toString: () => text,
  };
  return Token.asString(literal);
}
