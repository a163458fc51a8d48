import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { absolute, type GeneratedFile, manifestFiles, ruleFiles, schemaFile } from './generated.ts';

/** Writes every file of infra/kubernetes that is made of something else. */

const write = ({ path, text }: GeneratedFile): void => {
  mkdirSync(dirname(absolute(path)), { recursive: true });
  writeFileSync(absolute(path), text);
};

const rules = absolute('infra/kubernetes/chart/rules');
mkdirSync(rules, { recursive: true });
for (const name of readdirSync(rules)) rmSync(`${rules}/${name}`);
// Manifests are what the chart makes of its schema and its rules: these come first.
for (const file of [schemaFile(), ...ruleFiles()]) write(file);
for (const file of manifestFiles()) write(file);
