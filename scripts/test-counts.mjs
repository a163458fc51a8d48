// Prints the counts of a vitest JSON report as the last line of CI: "N passed, N failed". A check that failed before
// the tests counts as one failure more, so that the line never claims success for a run that had none.
import { existsSync, readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
if (!existsSync(file)) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const { numPassedTests, numFailedTests, numFailedTestSuites, success } = JSON.parse(
  readFileSync(file, 'utf8'),
);
const unexplained = numFailedTests === 0 && (!success || numFailedTestSuites > 0 || status !== '0') ? 1 : 0;
console.log(`${numPassedTests} passed, ${numFailedTests + unexplained} failed`);
process.exit(numFailedTests + unexplained === 0 ? 0 : 1);
