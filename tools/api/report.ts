import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const root = dirname(dirname(import.meta.dirname));
const printer = ts.createPrinter({ removeComments: true });

/** The API of a package. */
export interface ApiReport {
  /** The file of its report. */
  readonly path: string;
  readonly text: string;
}

/** Returns a report for each package that has types, made from its built declarations. */
export function apiReports(): ApiReport[] {
  const manifests = globSync('packages/*/package.json', { cwd: root }).sort();
  return manifests.flatMap((path) => {
    const { name, exports = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
    const sections = Object.entries(exports).flatMap(([subpath, target]) =>
      typeof target === 'string' ? [] : [section(join(name, subpath), join(root, dirname(path), target.types))],
    );
    const title = `# The API of ${name}\n\nWritten by \`pnpm api\`; review every change of it.\n`;
    return sections.length === 0
      ? []
      : [{ path: join(root, dirname(path), 'api.md'), text: [title, ...sections].join('\n') }];
  });
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | { readonly types: string }>>;
}

function section(specifier: string, entry: string): string {
  const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023 });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry);
  const symbol = file && checker.getSymbolAtLocation(file);
  if (symbol === undefined) {
    throw new Error(`There is no module ${relative(root, entry)}: run \`pnpm build\``);
  }
  const exported = checker.getExportsOfModule(symbol).map((one) => [one.name, resolve(checker, one)] as const);
  const hidden = mentioned(
    checker,
    exported.map(([, one]) => one),
    dirname(entry),
  );
  return [
    `## ${specifier}\n`,
    block(exported),
    ...(hidden.length > 0 ? ['Mentioned by these, and not exported:\n', block(hidden)] : []),
  ].join('\n');
}

function block(symbols: readonly (readonly [name: string, symbol: ts.Symbol])[]): string {
  const texts = symbols
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, symbol]) => declarationsOf(symbol).map(print));
  return `\`\`\`ts\n${texts.join('\n\n')}\n\`\`\`\n`;
}

/** All types of `folder` that the declarations of `symbols` use, directly or through other types. */
function mentioned(checker: ts.TypeChecker, symbols: readonly ts.Symbol[], folder: string): [string, ts.Symbol][] {
  const seen = new Set(symbols);
  const found: [string, ts.Symbol][] = [];
  const visit = (node: ts.Node): void => {
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    const target = symbol && resolve(checker, symbol);
    if (target !== undefined && !seen.has(target) && isOfModule(target, folder)) {
      seen.add(target);
      found.push([target.name, target]);
      declarationsOf(target).forEach(visit);
    }
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbols.flatMap(declarationsOf)) {
    visit(declaration);
  }
  return found;
}

/** Whether a symbol is declared at the top level of a file in `folder`. */
function isOfModule(symbol: ts.Symbol, folder: string): boolean {
  const declarations = declarationsOf(symbol);
  return (
    declarations.length > 0 &&
    declarations.every((node) => ts.isSourceFile(node.parent) && node.getSourceFile().fileName.startsWith(folder))
  );
}

function resolve(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The statements that declare a symbol. For a variable, the statement that has its keyword. */
function declarationsOf(symbol: ts.Symbol): ts.Node[] {
  return (symbol.declarations ?? []).map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node));
}

function print(node: ts.Node): string {
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
}
