// Makes sure that Go is on this machine, with the libraries of which Helm is made: the chart is rendered with them.
// Only Debian packages these libraries: where they cannot be had that is told, and the chart's tests are skipped and say so.
import { existsSync } from 'node:fs';
import { has, install } from './install-program.mjs';

const SOURCES = '/usr/share/gocode/src';
const PACKAGES = {
  'github.com/Masterminds/sprig': 'golang-github-masterminds-sprig-dev',
  'github.com/xeipuuv/gojsonschema': 'golang-github-xeipuuv-gojsonschema-dev',
  'sigs.k8s.io/yaml': 'golang-k8s-sigs-yaml-dev',
};

const hasAll = () => has('go') && Object.keys(PACKAGES).every((name) => existsSync(`${SOURCES}/${name}`));

if (!hasAll()) install('go', { 'apt-get': ['golang-go', ...Object.values(PACKAGES)] });
if (!hasAll())
  console.error('holdfast: without go and the libraries of Helm, by which the chart is then not checked');
