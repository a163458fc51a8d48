import {
  type ConfigProblem,
  type Environment,
  inFileOrder,
  type ParsedConfig,
  parseConfig,
} from '@holdfast/shared/config';
import { type GatewayNote, translateGateway } from './translate-gateway.ts';

/** A text, and the name of its file for people. */
export interface NamedText {
  readonly file: string;
  readonly text: string;
}

/** The files that a node runs with where a gateway describes its listeners and pools. */
export interface GatewayBundle {
  readonly manifests: NamedText;
  readonly services: NamedText;
  /** What a configuration file says besides: store, secrets, admin and the like, without listeners and pools. */
  readonly settings?: NamedText;
}

const MARK = '{"holdfastGateway":';

/**
 * The files as one text, which goes wherever the text of a configuration file goes: to workers, and into the comparison
 * that tells whether it has changed.
 */
export const bundleText = (bundle: GatewayBundle): string => `${MARK}${JSON.stringify(bundle)}}`;

/** Reads the text of a configuration file, or what {@link bundleText} has made of several. */
export function parseText(text: string, file: string, environment: Environment): ParsedConfig {
  if (!text.startsWith(MARK)) return parseConfig(text, { file, environment });
  return parseBundle(JSON.parse(text.slice(MARK.length, -1)) as GatewayBundle, environment);
}

function parseBundle(bundle: GatewayBundle, environment: Environment): ParsedConfig {
  const { manifests, services, settings } = bundle;
  const translated = translateGateway({ manifests: manifests.text, services: services.text });
  const told = ({ about, line, column, name, reason }: GatewayNote): ConfigProblem => ({
    file: bundle[about].file,
    line,
    column,
    path: name,
    message: reason,
  });
  if (translated.kind === 'refused')
    return { kind: 'problems', problems: inFileOrder(translated.problems.map(told)) };
  // Below the settings, so that their lines stay what they are, and what they must not say is found to be there twice.
  const text = settings === undefined ? translated.yaml : `${settings.text}\n${translated.yaml}`;
  const parsed = parseConfig(text, { file: settings?.file ?? manifests.file, environment });
  if (parsed.kind === 'problems') return parsed;
  return { ...parsed, warnings: [...translated.notes.map(told), ...parsed.warnings] };
}
