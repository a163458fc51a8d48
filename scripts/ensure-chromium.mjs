// Makes sure that a Chromium is on this machine, because some tests are those of a real browser. Where apt-get could
// install it and does not, it says what to do and fails; the tests of the browser are skipped only where there is no
// apt-get at all, and say so.
import { has, install } from './install-program.mjs';

const hasChromium = () => ['chromium', 'chromium-browser', 'google-chrome'].some(has);

if (!hasChromium()) install('chromium', { 'apt-get': 'chromium' });
if (!hasChromium() && has('apt-get')) {
  console.error(
    'holdfast: the tests need a chromium program on the PATH, and apt-get did not install it. Install Chromium, then run this again.',
  );
  process.exit(1);
}
