/**
 * What the machine can do at most with 128-bit float32 multiply-adds: 12 independent chains, no memory. For benchmarks.
 */

/** Runs 12 chains for `steps` steps. Cost: 96 FLOP a step. */
export function peakFma(steps: i32, x: f32): f32 {
  const m = f32x4.splat(x)
  let a = f32x4.splat(0)
  let b = f32x4.splat(1)
  let c = f32x4.splat(2)
  let d = f32x4.splat(3)
  let e = f32x4.splat(4)
  let f = f32x4.splat(5)
  let g = f32x4.splat(6)
  let h = f32x4.splat(7)
  let i = f32x4.splat(8)
  let j = f32x4.splat(9)
  let k = f32x4.splat(10)
  let l = f32x4.splat(11)
  for (let n: i32 = 0; n < steps; n++) {
    a = f32x4.relaxed_madd(m, m, a)
    b = f32x4.relaxed_madd(m, m, b)
    c = f32x4.relaxed_madd(m, m, c)
    d = f32x4.relaxed_madd(m, m, d)
    e = f32x4.relaxed_madd(m, m, e)
    f = f32x4.relaxed_madd(m, m, f)
    g = f32x4.relaxed_madd(m, m, g)
    h = f32x4.relaxed_madd(m, m, h)
    i = f32x4.relaxed_madd(m, m, i)
    j = f32x4.relaxed_madd(m, m, j)
    k = f32x4.relaxed_madd(m, m, k)
    l = f32x4.relaxed_madd(m, m, l)
  }
  const sum = f32x4.add(
    f32x4.add(f32x4.add(a, b), f32x4.add(c, d)),
    f32x4.add(f32x4.add(e, f), f32x4.add(f32x4.add(g, h), f32x4.add(f32x4.add(i, j), f32x4.add(k, l))))
  )
  return f32x4.extract_lane(sum, 0)
}
