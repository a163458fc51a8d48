import { defineConfig } from 'vitest/config';

/** Programs take a while to start where there are few cores. */
const FOR_PROCESSES = { testTimeout: 120_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: '.cache/vitest.json' }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{packages/*,bench}/src/**/*.spec.ts',
            'test/{architecture,fuzz,reference,sim,support}/**/*.spec.ts',
          ],
          // The fuzzing takes a minute whatever else runs: beside it the other core does the rest.
          maxWorkers: 2,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: ['test/{clients,docs,e2e,infra,protocol,profiles,soak,telemetry}/**/*.spec.ts'],
          // They wait for conditions more than they compute: two cores have time for three of them.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          ...FOR_PROCESSES,
        },
      },
      {
        extends: true,
        test: {
          name: 'loads',
          include: ['test/faults/**/*.spec.ts'],
          // Faults under load on a small machine: one file at a time, each with the cores to itself.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          ...FOR_PROCESSES,
        },
      },
    ],
  },
});
