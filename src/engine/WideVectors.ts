/** Whether a program lets `compute.vectors: auto` mean 256 bits. */
import { Context } from "effect"

/**
 * Whether `vectors: auto` may mean 256 bits, for which experimental flags of V8 are set in this process while the kernels are compiled. The
 * command says yes; a program that runs the pipelines itself, and wants it, provides true.
 */
export const WideVectors = Context.Reference<boolean>("lesion-network-mapping/engine/WideVectors", {
  defaultValue: () => false
})
