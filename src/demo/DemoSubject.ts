/**
 * The raw BOLD time series of one made-up subject: where the demo's functional connectivity comes from.
 *
 * Formula: x[t,v] = g·m[v]·(1 + a·Σ_i w_i·s_i[t,v]), with g the subject's gain, m the voxel's mean signal, a the
 * amplitude, and s_i, each of variance 1, the signals that `shares` lists; w_i² is the share of signal i in the variance.
 * Two voxels correlate by the shares that they have in common: about 0.56 within a network and hemisphere, 0.48 with the
 * other hemisphere's part of the network, 0.08 elsewhere. No head motion, no haemodynamics.
 */
import type { DemoBrain } from "./DemoBrain.ts"
import { networkNames } from "./Network.ts"
import { PinkNoise } from "./PinkNoise.ts"
import { Xoshiro128 } from "./Xoshiro128.ts"

/** Shares of a voxel's variance, adding up to 1. `drift` is 1/f noise and `thermal` white noise of the voxel alone. */
const shares = { network: 0.4, hemisphere: 0.08, global: 0.08, drift: 0.24, thermal: 0.2 }

/** Standard deviation of a time series as a share of the voxel's mean: the order of grey matter's at 3 T. */
const amplitude = 0.015

/** How much the gain differs from subject to subject, as a share of it. */
const gainSpread = 0.08

const networks = networkNames.length

export class DemoSubject {
  private readonly brain: DemoBrain
  private readonly random: Xoshiro128
  private readonly gain: number
  private readonly signalNoise: PinkNoise
  private readonly driftNoise: PinkNoise
  /** The seven networks, then the left part of each and the right part of each, then the global signal. */
  private readonly signals = new Float32Array(3 * networks + 1)
  /** What the voxels of a network and side share. Shape: (2 sides, networks). */
  private readonly shared = new Float32Array(2 * networks)
  private readonly drift: Float32Array
  private readonly thermal: Float32Array

  /** Subject number `subject` (0, 1, …) of the connectome that `seed` makes; it depends on no other subject. */
  constructor(brain: DemoBrain, seed: number, subject: number) {
    this.brain = brain
    this.random = new Xoshiro128(seed, subject + 1)
    this.gain = 1 + gainSpread * (2 * this.random.nextUniform() - 1)
    this.signalNoise = new PinkNoise(this.random, this.signals.length)
    this.driftNoise = new PinkNoise(this.random, brain.voxels)
    this.drift = new Float32Array(brain.voxels)
    this.thermal = new Float32Array(brain.voxels)
  }

  /** Writes the next time point of every voxel. Shape: `into` is (voxels). Memory: nothing is allocated. */
  nextTimePoint(into: Float32Array): void {
    const { brain, drift, gain, shared, thermal } = this
    this.mixShared()
    this.driftNoise.next(drift)
    this.random.fillGaussian(thermal)
    const driftWeight = Math.sqrt(shares.drift)
    const thermalWeight = Math.sqrt(shares.thermal)
    for (let voxel = 0; voxel < into.length; voxel++) {
      const common = shared[brain.right[voxel]! * networks + brain.network[voxel]! - 1]!
      const own = driftWeight * drift[voxel]! + thermalWeight * thermal[voxel]!
      into[voxel] = gain * brain.meanSignal[voxel]! * (1 + amplitude * (common + own))
    }
  }

  private mixShared(): void {
    const { shared, signals } = this
    this.signalNoise.next(signals)
    const global = Math.sqrt(shares.global) * signals[3 * networks]!
    for (let part = 0; part < shared.length; part++) {
      const network = Math.sqrt(shares.network) * signals[part % networks]!
      shared[part] = global + network + Math.sqrt(shares.hemisphere) * signals[networks + part]!
    }
  }
}
