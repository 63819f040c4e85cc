/**
 * Whether this machine computes relaxed multiply-adds with one rounding (fused) or two: the same build of the kernels gives other last
 * bits on the one and on the other.
 */
import { webAssembly } from "./kernelInstances.ts"

/**
 * A module of one function f(a, c) = a·a + c in float32, by f32x4.relaxed_madd: magic and version, the type, the function, its export, and
 * its code.
 */
const module = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 7, 1, 0x60, 2, 0x7d, 0x7d, 1, 0x7d],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
  ...[10, 22, 1, 20, 0],
  ...[0x20, 0, 0xfd, 0x13, 0x20, 0, 0xfd, 0x13, 0x20, 1, 0xfd, 0x13],
  ...[0xfd, 0x85, 0x02, 0xfd, 0x1f, 0, 0x0b]
)

/** False where there are no relaxed multiply-adds. */
export const fusesMultiplyAdd = (): boolean => {
  if (!webAssembly.validate(module)) return false
  const compiled = new webAssembly.Module(module)
  const { exports } = new webAssembly.Instance(compiled as WebAssembly.Module, undefined as never)
  const multiplyAdd = (exports as unknown as { readonly f: (a: number, c: number) => number }).f
  // (1 + 2⁻¹²)² = 1 + 2⁻¹¹ + 2⁻²⁴, whose last term a rounding to float32 takes off.
  return multiplyAdd(1 + 2 ** -12, -(1 + 2 ** -11)) !== 0
}
