import { pathParameter, queryParameter } from './target-parameter.ts';
import { type FindTokens, NO_TOKENS } from './token-source.ts';

const listOf = (token: string | undefined): readonly string[] => (token === undefined ? NO_TOKENS : [token]);

/** A parameter of the query. */
export const queryTokens =
  (name: string): FindTokens =>
  ({ target }) =>
    listOf(queryParameter(target, name));

/** A parameter of the path. */
export const pathTokens =
  (name: string): FindTokens =>
  ({ target }) =>
    listOf(pathParameter(target, name));
