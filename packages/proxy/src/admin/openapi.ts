import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { API } from './api.ts';
import type { ApiOperation } from './api-operation.ts';

/** What every refusal looks like. */
const refusalView = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** What operators can ask of the admin listener, as an OpenAPI 3.1 document: of the schemas that check what they ask. */
export function openApiDocument() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, operation] of Object.entries(API)) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describe(operationId, operation),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast admin API',
      version: manifest.version,
      description: 'Where sessions are, and how to move them; who serves, and how to take it out of service.',
    },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}

function describe(operationId: string, operation: ApiOperation) {
  const { summary, path, query, body, answer, answerType, isTagged } = operation;
  const changes = operation.method !== 'get';
  return {
    operationId,
    summary,
    parameters: [
      ...pathParameters(path),
      ...queryParameters(query),
      ...(changes && isTagged ? [header('If-Match', 'the ETag of the state that is to be changed')] : []),
    ],
    ...(Object.keys(body.shape).length > 0 && { requestBody: { content: json(body) } }),
    responses: {
      200: {
        description: 'as asked',
        content: { [answerType]: { schema: schemaOf(answer) } },
        ...(isTagged && { headers: { ETag: { schema: { type: 'string' } } } }),
      },
      default: { description: 'refused: what is wrong, where, and what to do', content: json(refusalView) },
    },
  };
}

const json = (schema: z.ZodType) => ({ 'application/json': { schema: schemaOf(schema) } });

function schemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));

const queryParameters = (query: z.ZodObject) =>
  Object.entries(query.shape).map(([name, schema]) => ({
    ...{ name, in: 'query', required: false, schema: schemaOf(schema as z.ZodType) },
  }));

const header = (name: string, description: string) => ({
  ...{ name, in: 'header', required: false, description, schema: { type: 'string' } },
});
