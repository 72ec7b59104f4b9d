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

/** The text as a string literal of Terraform's language, without its quotes. */
const escaped = (text: string) =>
  text.replace(/[\\"\n\r\t]|[$%]\{/g, (found) => ESCAPES[found] ?? found);

/**
 * A text that reaches AWS byte for byte from inside a Terraform expression, such as an argument of
 * `Fn.jsonencode`. CDKTF escapes neither quotes nor backslashes nor `%{` there.
 *
 * A token is returned unchanged, because it is already an expression.
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
