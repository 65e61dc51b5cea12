/**
 * The tables of settings in docs/operating.md, made from the settings themselves.
 *
 * Run as a program it writes them: `make docs`.
 */
import { join } from 'node:path';
import { describeConfig, type SettingLine } from '../../src/app/setting/config.ts';

export const SETTINGS_PAGE = join(import.meta.dir, '../../docs/operating.md');

const MARKED =
  /(?<=<!-- settings: `make docs` writes what follows -->\n).*(?=<!-- end of settings -->)/s;

/** The page with current tables between its two markers. @throws Error without the markers. */
export function withSettings(page: string): string {
  if (!MARKED.test(page)) throw new Error('The page has no two markers of its settings.');
  return page.replace(MARKED, () => `\n${settingsTables(describeConfig({}))}\n\n`);
}

/** In Markdown: a heading and a table per section. */
export function settingsTables(lines: readonly SettingLine[]): string {
  const sections = Object.groupBy(lines, ({ section }) => section);
  return Object.entries(sections)
    .map(([title, its = []]) => `### ${title}\n\n${table(its)}`)
    .join('\n\n');
}

const COLUMNS: readonly (readonly [title: string, cellOf: (line: SettingLine) => string])[] = [
  ['variable', ({ variable }) => `\`${variable}\``],
  ['default', ({ default: fallback }) => (fallback === '' ? '' : `\`${fallback}\``)],
  ['what it is', ({ purpose, secret }) => (secret ? `${purpose} (secret)` : purpose)],
  ['allowed', ({ allowed }) => allowed],
];

/** With aligned columns, as the formatter wants them. */
function table(lines: readonly SettingLine[]): string {
  const columns = COLUMNS.map(([title, cellOf]) => columnOf(title, lines.map(cellOf)));
  const rows = ['title', 'rule', ...lines].map((_, at) => columns.map((column) => column[at]));
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The title, the rule below it and the cells, all of the same width. */
function columnOf(title: string, texts: readonly string[]): string[] {
  const cells = texts.map((text) => text.replaceAll('|', '\\|'));
  const width = Math.max(...[title, ...cells].map((cell) => cell.length));
  return [title, '-'.repeat(width), ...cells].map((cell) => cell.padEnd(width));
}

if (import.meta.main) {
  await Bun.write(SETTINGS_PAGE, withSettings(await Bun.file(SETTINGS_PAGE).text()));
}
