import type { JsonSchema } from '@holdfast/shared/config';
import { formatTable } from '../../bench/src/report/table.ts';
import { openApiDocument } from '../../packages/proxy/src/admin/openapi.ts';
import { anchorsOf } from '../architecture/markdown.ts';
import { type Key, keyTable, memberTable } from './key-table.ts';
import { formsOf, keysOf } from './schema-keys.ts';

/** What a page needs of an operation of the document. */
interface Operation {
  readonly summary: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: { readonly 200: { readonly content: Content; readonly headers?: object } };
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/** An operation by its request line, such as `GET /endpoints/{pool}/{id}`. */
interface Request extends Operation {
  readonly line: string;
}

const requests = (): readonly Request[] =>
  Object.entries(openApiDocument().paths).flatMap(([path, operations]) =>
    Object.entries(operations as Readonly<Record<string, Operation>>).map(([method, operation]) => ({
      ...operation,
      line: `${method.toUpperCase()} ${path}`,
    })),
  );

/** Everything that can be asked by a document, in one table. */
export function requestTable(): string {
  const heading = ['request', 'what it does'];
  const rows = requests().map(({ line, summary }) => [`[\`${line}\`](#${anchorOf(line)})`, summary]);
  return formatTable([heading, ...rows], heading.length);
}

/** What each request takes and what it answers. */
export function requestSections(): string {
  const shown = new Map<string, string>();
  return requests()
    .map((request) => sectionOf(request, shown))
    .join('\n\n');
}

const anchorOf = (line: string): string => anchorsOf(`### \`${line}\``)[0] ?? '';

/** @param shown answers that have been shown, by the request that they are the answer to */
function sectionOf(request: Request, shown: Map<string, string>): string {
  const query = request.parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema, required }) => ({ name, schema, isRequired: required, variants: [] }));
  const body = schemaIn(request.requestBody?.content);
  const pieces = [
    `### \`${request.line}\``,
    `${request.summary}.${request.responses[200].headers === undefined ? '' : ' The answer has an `ETag`.'}`,
    ...(query.length > 0 ? ['Parameters of the query:', keyTable(query)] : []),
    ...(body === undefined ? [] : ['Body:', keyTable(keysBelow(body))]),
    ...answerOf(request, shown),
  ];
  return pieces.join('\n\n');
}

function answerOf({ line, responses }: Request, shown: Map<string, string>): readonly string[] {
  const [type = ''] = Object.keys(responses[200].content);
  const schema = schemaIn(responses[200].content) ?? {};
  const what = type === 'text/event-stream' ? 'Each event' : 'Answer';
  const identity = JSON.stringify(schema);
  const first = shown.get(identity);
  if (first !== undefined) return [`${what}: as of [\`${first}\`](#${anchorOf(first)}).`];
  shown.set(identity, line);
  return [`${what}:`, memberTable(keysBelow(schema))];
}

const schemaIn = (content: Content | undefined): JsonSchema | undefined =>
  Object.values(content ?? {})[0]?.schema;

/** The keys of an object and of those in it, each by its path. */
const keysBelow = (schema: JsonSchema, above = ''): readonly Key[] =>
  keysOf(formsOf(schema)).flatMap((key) => {
    const path = `${above}${key.name}`;
    const isList = key.schema.type === 'array';
    const below =
      formsOf(key.schema).length > 0 ? keysBelow(key.schema, `${path}${isList ? '[]' : ''}.`) : [];
    return below.length > 0 ? below : [{ ...key, name: path }];
  });
