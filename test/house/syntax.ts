/** Parses a file of TypeScript: its imports, its functions and its odd spreads. */
import { dirname, join } from 'node:path/posix';
import { type Node, parseSync, Visitor, type VisitorObject } from 'oxc-parser';
import type { SourceFile } from './tree.ts';

/** @throws Error when the file is not TypeScript */
function walk({ path, text }: SourceFile, visitor: VisitorObject): void {
  const { errors, program } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors.map((one) => one.message).join(', ')}`);
  new Visitor(visitor).visit(program);
}

/** Paths of the files that a file names in an import or an export, of types also; no packages. */
export function importsOf(file: SourceFile): string[] {
  const found = new Set<string>();
  const take = ({ source }: { readonly source?: Node | null }) => {
    if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
    if (source.value.startsWith('.')) found.add(join(dirname(file.path), source.value));
  };
  walk(file, {
    ImportDeclaration: take,
    ImportExpression: take,
    ExportAllDeclaration: take,
    ExportNamedDeclaration: take,
    TSImportType: take,
  });
  return Array.from(found);
}

export type FunctionLength = { readonly at: string; readonly lines: number };

/** Each function of a file, arrows and methods also, with the lines of the closures in it. */
export function functionLengths(file: SourceFile): FunctionLength[] {
  const found: FunctionLength[] = [];
  const take = (node: { readonly start: number; readonly end: number }) => {
    const lines = file.text.slice(node.start, node.end).split('\n').length;
    found.push({ at: `${file.path}:${lineAt(file.text, node.start)}`, lines });
  };
  walk(file, {
    FunctionDeclaration: take,
    FunctionExpression: take,
    ArrowFunctionExpression: take,
  });
  return found;
}

/** Where an object literal is spread into another one, which only dodges the formatter. */
export function spreadObjects(file: SourceFile): string[] {
  const found: string[] = [];
  walk(file, {
    ObjectExpression({ properties }) {
      for (const part of properties) {
        if (part.type !== 'SpreadElement' || part.argument.type !== 'ObjectExpression') continue;
        found.push(`${file.path}:${lineAt(file.text, part.start)} spreads an object literal`);
      }
    },
  });
  return found;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
