/*
 * What one core can do at most with float32 multiply-adds, at each vector width that it has: independent chains, no memory.
 *
 * For each line on standard input it measures once and prints a line of JSON, GFLOP/s by width in bits: {"128":51.2,"256":102.1}.
 * Without FMA (x86) a multiplication and an addition count as two operations all the same.
 *
 *     cc -O3 -ffp-contract=fast -o peakFma peakFma.c
 */
#include <stdio.h>
#include <time.h>

/* Long enough to hide the latency: 4 to 5 cycles on 2 units; 12 accumulators and 2 operands fit 16 registers. */
#define CHAINS 12
#define STEPS 1000000

#if defined(__x86_64__)
#define WITH(features) __attribute__((noinline, target(features)))
#else
#define WITH(features) __attribute__((noinline))
#endif

#define CHAIN(i) chain[i] = chain[i] * factor + summand;

/* a = a · 0.5 + 1 tends to 2, so that nothing overflows, and no chain can be computed ahead. */
#define PEAK(bits, features)                                                                  \
  typedef float vector##bits __attribute__((vector_size(bits / 8)));                          \
  WITH(features) static float run##bits(long steps, float seed) {                             \
    const vector##bits factor = (vector##bits){0} + 0.5f, summand = (vector##bits){0} + 1.0f; \
    vector##bits chain[CHAINS];                                                               \
    for (int i = 0; i < CHAINS; i++) chain[i] = (vector##bits){0} + (seed + i);               \
    for (long step = 0; step < steps; step++) {                                               \
      CHAIN(0) CHAIN(1) CHAIN(2) CHAIN(3) CHAIN(4) CHAIN(5)                                   \
      CHAIN(6) CHAIN(7) CHAIN(8) CHAIN(9) CHAIN(10) CHAIN(11)                                 \
    }                                                                                         \
    vector##bits sum = chain[0];                                                              \
    for (int i = 1; i < CHAINS; i++) sum += chain[i];                                         \
    return sum[0];                                                                            \
  }

static volatile float sink;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static double gigaflops(int bits, float (*run)(long, float)) {
  const double start = seconds();
  sink = run(STEPS, (float)start);
  return 2.0 * CHAINS * STEPS * (bits / 32) / 1e9 / (seconds() - start);
}

#if defined(__x86_64__)
PEAK(128, "avx2,fma")
PEAK(256, "avx2,fma")
PEAK(512, "avx512f")
#else
PEAK(128, "")
#endif

int main(void) {
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("fma") || !__builtin_cpu_supports("avx2")) return 1;
    printf("{\"128\":%.3f,\"256\":%.3f", gigaflops(128, run128), gigaflops(256, run256));
    if (__builtin_cpu_supports("avx512f")) printf(",\"512\":%.3f", gigaflops(512, run512));
    printf("}\n");
#else
    printf("{\"128\":%.3f}\n", gigaflops(128, run128));
#endif
    fflush(stdout);
  }
  return 0;
}
