import { Draft } from '../draft.ts';
import { type Imported, importedFrom, TEXT_LENGTH_MAX, TOO_LONG, unreadable } from '../imported.ts';
import { type NginxDirective, readNginx } from './nginx-directives.ts';
import { noteLeft } from './nginx-hints.ts';
import { withoutIdleHosts } from './nginx-hosts.ts';
import { ListenerBook } from './nginx-listen.ts';
import { importServer, isInheritedByServers } from './nginx-server.ts';
import { importStreamServer, isInheritedByStreams } from './nginx-stream.ts';
import { importUpstream, schemesOf } from './nginx-upstream.ts';

/**
 * Turns an nginx configuration, or a piece of one such as a lone `upstream`, into Holdfast's. Never throws, whatever
 * the text. `include` is not followed.
 */
export function importNginx(text: string): Imported {
  if (text.length > TEXT_LENGTH_MAX) return TOO_LONG;
  const read = readNginx(text);
  if (read.kind === 'unreadable') return unreadable(read.line, read.name, read.reason);
  const draft = new Draft();
  const book = new ListenerBook(draft);
  const loose = read.directives.filter(({ name }) => name !== 'http' && name !== 'stream');
  importScope(draft, loose, book, 'http');
  for (const { name, block = [] } of read.directives) {
    if (name === 'http' || name === 'stream') importScope(draft, block, book, name);
  }
  for (const listener of draft.listeners) withoutIdleHosts(draft, listener);
  return importedFrom(
    draft,
    'expected an upstream or a proxy_pass whose endpoints could be carried over, found none',
  );
}

function importScope(
  draft: Draft,
  scope: readonly NginxDirective[],
  book: ListenerBook,
  kind: 'http' | 'stream',
): void {
  const schemes = schemesOf(scope);
  for (const upstream of scope.filter(({ name }) => name === 'upstream')) {
    importUpstream(
      draft,
      upstream,
      schemes.get(upstream.args[0] ?? '') ?? (kind === 'http' ? 'http' : 'tcp'),
    );
  }
  const serve = kind === 'http' ? importServer : importStreamServer;
  for (const server of defaultFirst(scope.filter(({ name }) => name === 'server'))) {
    serve(draft, server, [scope], book);
  }
  const isInherited = kind === 'http' ? isInheritedByServers : isInheritedByStreams;
  for (const directive of scope) {
    const isRead =
      directive.name === 'upstream' || directive.name === 'server' || isInherited(directive.name);
    if (!isRead) noteLeft(draft, directive);
  }
}

/** The server that is marked as default comes first, as the first is the default where none is marked. */
const defaultFirst = (servers: readonly NginxDirective[]): readonly NginxDirective[] =>
  [true, false].flatMap((isDefault) =>
    servers.filter(
      ({ block = [] }) => block.some(({ args }) => args.includes('default_server')) === isDefault,
    ),
  );
