const BEGIN = "<!-- Made by npm run graph -->";
const END = "<!-- /graph -->";

/**
 * Replaces what is between the two marks in a text with a Mermaid chart.
 *
 * @throws when the text does not have both marks in this order
 */
export function withChart(text: string, chart: string) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`there is no place for the picture: expected ${BEGIN} and ${END} below it`);
  }
  const before = text.slice(0, begin + BEGIN.length);
  return `${before}\n\n\`\`\`mermaid\n${chart}\n\`\`\`\n\n${text.slice(end)}`;
}
