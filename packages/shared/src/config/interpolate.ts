/** Variables by name: the environment of the process, handed in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with its references replaced, and what was wrong with those that could not be. */
export interface Interpolation {
  readonly text: string;
  readonly complaints: readonly string[];
}

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}|\$\{[^}]*\}?/g;
const SOLE_REFERENCE = /^\$\{[A-Za-z_][A-Za-z0-9_]*(?::-[^{}]*)?\}$/;

/**
 * Replaces `${NAME}` by the variable, `${NAME:-default}` by the variable or, where that is unset or empty, by the
 * default, as the POSIX shell does. `$$` is a dollar; a dollar before anything else is itself.
 * What a variable holds is not looked at again.
 */
export function interpolate(text: string, environment: Environment): Interpolation {
  const complaints: string[] = [];
  const replaced = text.replace(REFERENCE, (reference, name?: string, fallback?: string) => {
    if (reference === '$$') return '$';
    if (name === undefined) {
      complaints.push(MALFORMED_REFERENCE);
      return reference;
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (fallback !== undefined) return value || fallback;
    if (value === undefined) complaints.push(unsetVariable(name));
    return value ?? reference;
  });
  return { text: replaced, complaints };
}

/** Does not quote what was found: it may as well be part of a secret that has a dollar in it. */
const MALFORMED_REFERENCE = `expected \${NAME} or \${NAME:-default}, or $$ for a dollar itself, found neither`;

const unsetVariable = (name: string): string =>
  `expected the environment variable ${name}, found it unset: set it, or write \${${name}:-default}`;

/** Whether the text is one reference and nothing else, so that what it holds may be a number as well as a text. */
export const isSoleReference = (text: string): boolean => SOLE_REFERENCE.test(text);

/** A text in which every dollar stands for itself when it is interpolated. */
export const escapeDollars = (text: string): string => text.replaceAll('$', '$$$$');

const WRITTEN_REFERENCE = /\$\{[^{}\n"']*\}/g;
const YAML_SIGN = /[ !#%&()*+,\-.:;<=>?@[\]^_`{|}~]/g;
const SHIELDED_SIGN = /[\uE020-\uE07E]/g;
const SHIELD_OFFSET = 0xe000;

/**
 * Hides the references from the YAML parser, sign by sign in Unicode's private use area, so that
 * `{ node: ${HOSTNAME} }` needs no quotes and every position in the text stays what it was.
 * A reference with quotes in it is left as it is, since they may end the text that it stands in.
 */
export const shieldReferences = (yaml: string): string =>
  yaml.replace(WRITTEN_REFERENCE, (reference) =>
    reference.replace(YAML_SIGN, (sign) => String.fromCharCode(SHIELD_OFFSET + sign.charCodeAt(0))),
  );

/** Takes back what {@link shieldReferences} did. */
export const unshieldReferences = (text: string): string =>
  text.replace(SHIELDED_SIGN, (sign) => String.fromCharCode(sign.charCodeAt(0) - SHIELD_OFFSET));
