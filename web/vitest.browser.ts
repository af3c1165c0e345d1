import { defineConfig } from 'vitest/config';

// One real service and one Chromium for all files, one after the other.
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 40_000,
    hookTimeout: 90_000,
    bail: 0,
  },
});
