import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDockerIgnore } from '../support/containers/docker-ignore.ts';
import { parseDockerfile } from '../support/containers/dockerfile.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const manifestOf = (folder: string) => JSON.parse(textOf(join(folder, 'package.json')));

const DOCKERFILE = textOf('infra/docker/Dockerfile');
const stages = parseDockerfile(DOCKERFILE);
const brings = readDockerIgnore(textOf('infra/docker/Dockerfile.dockerignore'));
const steps = stages.flatMap(({ name: stage, instructions }) =>
  instructions.map((step) => ({ ...step, stage })),
);
const copies = steps.filter(({ name }) => name === 'COPY').map(({ text }) => text);

/** The packages of this repository that a package needs at run time, itself included. */
function closureOf(folder: string): readonly string[] {
  const needs = Object.keys(manifestOf(folder).dependencies).filter((name) => name.startsWith('@holdfast/'));
  return [
    ...new Set([folder, ...needs.flatMap((name) => closureOf(name.replace('@holdfast/', 'packages/')))]),
  ];
}

describe('the Dockerfile', () => {
  it('has the Node that the project pins, of the official image, in every stage', () => {
    const version = manifestOf('.').devDependencies.node;
    const names = stages.map(({ name }) => name);
    for (const { base } of stages.filter((stage) => !names.includes(stage.base)))
      expect(base).toBe(`node:${version}-trixie-slim`);
    const label = `docker.io/library/node:${version}-trixie-slim`;
    expect(steps.find(({ name }) => name === 'LABEL')?.text).toContain(`base.name="${label}"`);
  });

  it('has the versions of pnpm and of the Kubernetes client that the manifests have', () => {
    const commands = steps.filter(({ name }) => name === 'RUN').map(({ text }) => text);
    expect(commands).toContainEqual(
      expect.stringContaining(`npx -y ${manifestOf('.').packageManager} install`),
    );
    const client = manifestOf('packages/proxy').devDependencies['@kubernetes/client-node'];
    expect(commands).toContainEqual(expect.stringContaining(`@kubernetes/client-node@${client}`));
  });

  it('has the version of the program as a label', () => {
    expect(DOCKERFILE).toContain(`ARG VERSION=${manifestOf('packages/proxy').version}\n`);
  });

  it('builds the plain image where no target is named', () => {
    expect(stages.at(-1)).toMatchObject({ name: 'holdfast', base: 'program' });
  });

  it('copies only what there is, and what the builder gets', () => {
    const sources = copies
      .filter((text) => !text.startsWith('--from'))
      .flatMap((text) => text.split(/\s+/).slice(0, -1));
    expect(sources.length).toBeGreaterThan(8);
    expect(sources.filter((source) => !existsSync(join(ROOT, source)) || !brings(source))).toEqual([]);
    for (const [, stage] of copies.join('\n').matchAll(/--from=(\S+)/g))
      expect(stages.map(({ name }) => name)).toContain(stage);
  });

  it('copies every package that the proxy needs: its manifest for the install, its sources for the image', () => {
    for (const folder of closureOf('packages/proxy')) {
      expect(copies).toContain(`${folder}/package.json ${folder}/`);
      expect(copies).toContain(`${folder}/src /app/${folder}/src`);
    }
  });

  it('ends as a user without a name, whom nothing of the image belongs to', () => {
    expect(steps.filter(({ name }) => name === 'USER')).toEqual([
      expect.objectContaining({ stage: 'program', text: '65532:65532' }),
    ]);
  });
});

describe('what the builder gets', () => {
  it.each([
    ['packages/proxy/src/main.ts', true],
    ['packages/store/src/redis/scripts/pin.lua', true],
    ['packages/proxy/src/main.spec.ts', false],
    ['packages/proxy/src/testing/test-pool.ts', false],
    ['packages/proxy/node_modules/hono/package.json', false],
    ['packages/shared/src/config/fixtures/minimal.yaml', false],
    ['bin/holdfast', true],
    ['.git/config', false],
    ['infra/compose/.env', false],
    ['test/package.json', false],
  ])('%s: %s', (path, expected) => {
    expect(brings(path)).toBe(expected);
  });
});
