import { parseDockerignore } from "../../../delivery/images/dockerignore";

test.each([
  ["*.md", "README.md", true],
  ["*.md", "docs/README.md", false],
  ["**/*.md", "README.md", true],
  ["**/*.md", "docs/deep/README.md", true],
  ["docs", "docs/deep/a.txt", true],
  ["docs/", "docs/a.txt", true],
  ["/docs", "docs/a.txt", true],
  ["./docs/../src", "src/a.ts", true],
  ["docs", "docs2/a.txt", false],
  ["a?c", "abc", true],
  ["a?c", "a/c", false],
  ["docs/**", "docs/deep/a.txt", true],
  ["a.b", "axb", false],
  ["*\n!src", "src/a.ts", false],
  ["*\n!src\nsrc/*.md", "src/notes.md", true],
  ["!src\n*", "src/a.ts", true],
  ["# *", "a.ts", false],
  ["", "a.ts", false],
  ["  a.ts  ", "a.ts", true],
  ["a.ts\r\n", "a.ts", true],
])("%j of %s: ignored %s", (text, path, ignored) => {
  expect(parseDockerignore(text).ignores(path)).toBe(ignored);
});

test.each([
  ["node_modules", "node_modules", false],
  ["*\n!app/src", "app", true],
  ["*\n!app/src", "application", false],
  ["*\n!**/keep.txt", "app", true],
  ["*\n!app/*/keep.txt", "app/one", true],
  ["*\n!app/*/keep.txt", "lib", false],
])("%j keeps something in %s: %s", (text, folder, keeps) => {
  expect(parseDockerignore(text).keepsSomethingIn(folder)).toBe(keeps);
});

test.each(["[a-c].ts", "a\\ b"])("the pattern %j is refused, with its line", (pattern) => {
  const parse = () => parseDockerignore(`*\n${pattern}`, "app/.dockerignore");
  expect(parse).toThrow(`app/.dockerignore:2: the pattern "${pattern}" contains`);
});
