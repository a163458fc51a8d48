import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@holdfast/store/testing';
import { describe, expect, it } from 'vitest';
import { GatewayFiles, gatewayOfPage, said, untilSaid } from '../support/gateway-files.ts';
import { useStage } from '../support/stage.ts';
import { Visitor } from '../support/visitor.ts';

const stage = useStage();

/** A gateway on a free port that leads to the endpoints of the stage, as the page on FSM shows it. */
async function gatewayOf(ports: readonly number[]) {
  const page = await gatewayOfPage();
  const port = await freePort();
  const manifests = page.manifests.replaceAll('8000', String(port));
  const services = `server/pipy:8080: ${JSON.stringify(ports.map((each) => `127.0.0.1:${each}`))}`;
  return { port, manifests, services };
}

describe('holdfast run --gateway-yaml', () => {
  it('takes settings besides, gives workers what the gateway says, and follows its files all or nothing', async () => {
    const endpoints = await stage().startEndpoints(2);
    const { port, manifests, services } = await gatewayOf(endpoints.map((endpoint) => endpoint.port));
    const settings = join(stage().dir, 'settings.yaml');
    await writeFile(
      settings,
      `workers: 2\nstore: { url: "${stage().sqliteUrl()}" }\nsecrets: ["a secret for tests, long enough"]\n`,
    );
    const files = await new GatewayFiles(stage().dir).write({ manifests, services });
    const node = await files.run('-c', settings);
    const client = stage().client(`http://127.0.0.1:${port}`);
    const visitor = new Visitor('one');
    for (let visit = 0; visit < 6; visit += 1) await visitor.visit(client);
    expect(visitor.path).toEqual([expect.stringMatching(/^shop-[12]$/)]);
    expect(visitor.cookiesSet).toBe(1);

    await files.write({ manifests: manifests.replace('expires: 600', 'expires: 0') });
    await untilSaid(node, 'configuration not reloaded');
    expect(said(node, 'spec.ports[0].config.expires: expected a whole number of seconds')).toBe(true);
    await visitor.visit(client);
    await files.write({ manifests: manifests.replace('_srv_id', 'sticky') });
    await untilSaid(node, 'configuration reloaded');
    const stranger = new Visitor('two', 'sticky');
    await stranger.visit(client);
    expect(stranger.cookiesSet).toBe(1);
    expect(visitor.path).toHaveLength(1);
  });

  it('says what is wrong with each of its files', async () => {
    const { manifests, services } = await gatewayOf([9001]);
    const files = await new GatewayFiles(stage().dir).write({ manifests, services });
    const settings = join(stage().dir, 'settings.yaml');
    await writeFile(settings, 'store:\n  url: "memory"\npools: []\n');
    expect((await files.ask('validate')).stdout).toMatch(
      /gateway\.yaml is valid: 1 listener, 1 pool, 1 endpoint$/,
    );
    expect((await files.ask('validate', '-c', settings)).stderr.split('\n')).toEqual([
      expect.stringMatching(/^settings\.yaml:2:8: store\.url: expected memory:/),
      expect.stringMatching(/^settings\.yaml:\d+:1: pools: expected once, found again$/),
    ]);
    expect((await files.ask('validate', '-c', '/nowhere')).stderr).toBe(
      'nowhere:1:1: expected a file that can be read, found none',
    );
    await files.write({ services: 'server/pipy: [here]' });
    expect((await files.ask('run')).stderr).toBe(
      'services.yaml:1:14: server/pipy: expected namespace/name:port, found "server/pipy"',
    );
  });
});
