// Makes sure that Prometheus is on this machine, because every query of the dashboards and alerts is asked of a real one.
// Where it cannot be installed that is told, and its tests are skipped and say so.
import { has, install } from './install-program.mjs';

if (!has('prometheus')) {
  install('prometheus', { 'apt-get': 'prometheus', brew: 'prometheus' }, { isService: true });
}
if (!has('prometheus') || !has('promtool')) {
  console.error(
    'holdfast: without prometheus and promtool, by which dashboards and alerts are then not checked',
  );
}
