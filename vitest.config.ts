import { join } from "node:path"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Whole runs of the command, and of Python beside them, on machines of two cores.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: "forks",
    // The engine's workers strip the types of their sources once instead of at every start: half the time of a start.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, ".cache/node-compile-cache") },
    // Vitest leaves a core free; on two cores that would be half of them.
    maxWorkers: 2
  }
})
