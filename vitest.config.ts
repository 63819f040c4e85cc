import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Whole runs of the command, and of Python beside them, on machines of two cores.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: "forks",
    // Vitest leaves a core free; on two cores that would be half of them.
    maxWorkers: 2
  }
})
