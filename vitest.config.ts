import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: '.cache/vitest.json' }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages/*,bench}/src/**/*.spec.ts', 'test/{architecture,fuzz,support}/**/*.spec.ts'],
          // The fuzzing takes a minute whatever else runs: beside it the other core does the rest.
          maxWorkers: 2,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: ['test/{e2e,protocol,faults,clients,profiles,soak}/**/*.spec.ts'],
          // Real processes on a small machine: one file at a time, each with the cores to itself.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
