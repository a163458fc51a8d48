import type { LabelCookieConfig, LabelSourceConfig } from '@holdfast/shared/config';
import { FieldKind, type RequestHeadParser } from '../codec/index.ts';
import { appCookieTokens } from './app-cookie-tokens.ts';
import { firstTokens } from './claim.ts';
import { replaceCookie } from './cookie-header.ts';
import { readDatedLabel } from './dated-label.ts';
import { headerTokens } from './header-tokens.ts';
import type { LabelFinding } from './label-visit.ts';
import { takeOwnCookie } from './own-cookie.ts';
import { pathTokens, queryTokens } from './target-tokens.ts';
import type { FindTokens } from './token-source.ts';

/** Where a request names its endpoint: mostly once; several cookies of one name in their order. A pure function. */
export type FindLabels = (request: RequestHeadParser) => readonly LabelFinding[];

export const NO_LABELS: readonly LabelFinding[] = [];

/** What stands between a label and the value of the application's cookie that it was put in front of. */
export const PREFIX_END = '~';

/** HAProxy goes through all cookies of its name until one names a server; nginx takes the first and no other. */
export function labelFinderOf(config: LabelSourceConfig): FindLabels {
  const { type: source } = config;
  const tokensOf = source === 'label-cookie' ? appCookieTokens(config.name) : tokenFinderOf(config);
  const read = source === 'label-cookie' ? cookieReaderOf(config) : labelReaderOf(config.after);
  return (request) => {
    let findings: LabelFinding[] | undefined;
    for (const token of firstTokens(tokensOf(request, ''))) {
      const found = read(token);
      if (found === undefined) continue;
      if (findings === undefined) findings = [{ source, ...found }];
      else findings.push({ source, ...found });
      if (source === 'label') break;
    }
    return findings ?? NO_LABELS;
  };
}

type Read = (token: string) => Omit<LabelFinding, 'source'> | undefined;

const undated = (label: string) => ({ label, usedAtMs: undefined, firstAtMs: undefined });

const cookieReaderOf = ({ mode }: LabelCookieConfig): Read =>
  mode === 'prefix' ? (token) => undated(token.split(PREFIX_END, 1)[0] ?? '') : readDatedLabel;

const labelReaderOf =
  (after: string | undefined): Read =>
  (token) => {
    const at = after === undefined ? 0 : token.lastIndexOf(after);
    const label = token.slice(at + (after?.length ?? 0));
    return at < 0 || label === '' ? undefined : undated(label);
  };

function tokenFinderOf(config: Exclude<LabelSourceConfig, LabelCookieConfig>): FindTokens {
  switch (config.in) {
    case 'cookie':
      return appCookieTokens(config.name);
    case 'query':
      return queryTokens(config.name);
    case 'path':
      return pathTokens(config.name);
    case 'header':
      return headerTokens(config.name);
  }
}

/** The `Cookie` lines that endpoints get in place of those received; undefined: the same. */
export function labelCookieLines(
  { fields }: RequestHeadParser,
  config: LabelCookieConfig,
): string | undefined {
  const { name, mode, hidden } = config;
  if (mode === 'insert') return hidden ? takeOwnCookie(fields, [name])?.lines : undefined;
  if (mode !== 'prefix') return undefined;
  let lines = '';
  let isChanged = false;
  let index = fields.indexOf(FieldKind.cookie);
  for (; index >= 0; index = fields.indexOf(FieldKind.cookie, index + 1)) {
    const value = fields.value(index);
    const replaced = replaceCookie(value, name, withoutPrefix);
    isChanged ||= replaced !== undefined;
    lines += `${fields.name(index)}: ${replaced ?? value}\r\n`;
  }
  return isChanged ? lines : undefined;
}

const withoutPrefix = (value: string): string => value.slice(value.indexOf(PREFIX_END) + 1);
