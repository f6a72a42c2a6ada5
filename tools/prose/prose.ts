import { type Pattern, patterns } from './patterns.ts';

export interface Finding {
  readonly line: number;
  readonly text: string;
  readonly instead: string;
}

const NO_PROSE = '\0';
const SENTENCE = `(?<=(?:^|[.:;!?|#>*(${NO_PROSE}]|- )\\s*)`;
const codeOrText = /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|[^/'"`]+|[/'"`]/g;
const matchers = patterns.map((pattern) => ({ regExp: toRegExp(pattern), instead: pattern.instead }));

/** What is wrong with the English of a file: of its comments and strings, or of all but the code if it is Markdown. */
export function check(path: string, source: string): readonly Finding[] {
  const prose = proseOf(path, source).replace(/`[^`\n]*`|\{@\w+ [^}]*\}|\$\{[^}]*\}|https?:\S+/g, blank);
  const findings = matchers.flatMap(({ regExp, instead }) =>
    Array.from(prose.matchAll(regExp), ({ index, 0: match }) => ({
      line: source.slice(0, index).split('\n').length,
      text: match.replace(/\s+/g, ' '),
      instead,
    })),
  );
  return findings.sort((a, b) => a.line - b.line);
}

/** The text with everything blanked that is not prose, so that each place in it is the same as in the source. */
function proseOf(path: string, source: string): string {
  if (path.endsWith('.md')) {
    return source.replace(/^( *)```(\w*)[\s\S]*?^\1```/gm, (block, _, language) =>
      /^[jt]s$/.test(language) ? proseOfCode(block) : blank(block),
    );
  }
  return /\.(jsonc|[cm]?[jt]s|cc|h|c)$/.test(path) ? proseOfCode(source) : proseOfScript(source);
}

function proseOfCode(source: string): string {
  return source.replace(codeOrText, (token) => {
    if (token.startsWith('//')) {
      return token.replace('//', '  ');
    }
    if (token.startsWith('/*')) {
      return ended(token.replace(/^\/\*+|\*\/$|^ *\*/gm, (mark) => ' '.repeat(mark.length)));
    }
    const isText = /^['"`][\s\S]* [\s\S]*['"`]$/.test(token);
    return isText ? `${NO_PROSE}${token.slice(1, -1)}${NO_PROSE}` : blank(token);
  });
}

/** Comments of shell scripts and of YAML. */
function proseOfScript(source: string): string {
  return source.replace(/^([^#\n]*)(#?)/gm, (_, code, mark) => blank(code) + ' '.repeat(mark.length));
}

/** The end of a comment ends its last sentence. */
function ended(comment: string): string {
  return `${comment.slice(0, -1)}${NO_PROSE}`;
}

/** White space stays, so that a sentence may go on in the comment of the next line. */
function blank(text: string): string {
  return text.replace(/\S/g, NO_PROSE);
}

function toRegExp({ pattern, isCaseSensitive }: Pattern): RegExp {
  const source = pattern.replace(/^\^/, () => SENTENCE).replaceAll(' ', '\\s+');
  return new RegExp(source, isCaseSensitive ? 'g' : 'gi');
}
