import { describe, expect, test } from 'bun:test';
import { describeConfig } from '../../src/app/setting/config.ts';
import { SETTINGS_PAGE, settingsTables, withSettings } from './settings-table.ts';

const PAGE = [
  'Before.',
  '<!-- settings: `make docs` writes what follows -->',
  'Something old.',
  '<!-- end of settings -->',
  'After.',
];

describe('the settings in docs/operating.md', () => {
  test('are those of the program: `make docs` writes them', async () => {
    const page = await Bun.file(SETTINGS_PAGE).text();
    expect(page, 'docs/operating.md lags behind: run `make docs`').toBe(withSettings(page));
  });

  test('are written between the markers, repeatedly, and nothing else is touched', () => {
    const page = withSettings(PAGE.join('\n'));
    expect(page).toStartWith('Before.\n<!--');
    expect(page).toEndWith('\n<!-- end of settings -->\nAfter.');
    expect(page).not.toContain('Something old.');
    expect(page).toContain(`\n\n${settingsTables(describeConfig({}))}\n\n`);
    expect(withSettings(page)).toBe(page);
  });

  test('need both markers', () => {
    expect(() => withSettings(PAGE.slice(0, -2).join('\n'))).toThrow('no two markers');
    expect(() => withSettings(PAGE.slice(2).join('\n'))).toThrow('no two markers');
  });
});

describe('settingsTables', () => {
  const line = {
    variable: 'DOOR',
    value: 'shut',
    source: 'environment',
    default: 'open',
    allowed: 'open|shut',
    purpose: 'how the door is',
    section: 'House',
    secret: false,
  } as const;

  test('shows the default, never the value in force, in one table per section', () => {
    const key = { ...line, variable: 'KEY', default: '', secret: true, section: 'Key' };
    expect(settingsTables([line, key]).split('\n')).toEqual([
      '### House',
      '',
      '| variable | default | what it is      | allowed    |',
      '| -------- | ------- | --------------- | ---------- |',
      '| `DOOR`   | `open`  | how the door is | open\\|shut |',
      '',
      '### Key',
      '',
      '| variable | default | what it is               | allowed    |',
      '| -------- | ------- | ------------------------ | ---------- |',
      '| `KEY`    |         | how the door is (secret) | open\\|shut |',
    ]);
  });

  test('names every variable once', () => {
    const lines = describeConfig({});
    const rows = settingsTables(lines).match(/^\| `\w+` /gm) ?? [];
    expect(rows).toHaveLength(lines.length);
    expect(new Set(rows).size).toBe(lines.length);
  });
});
