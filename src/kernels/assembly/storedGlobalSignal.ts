/**
 * The global signal of time series from a store, which are standardised already: a band of 256 voxels, and some of the time points, at a
 * time.
 *
 * Formula: x̂ = x · step / √T, the factor of `unpackStored`; 0 where the sd is not above 0.
 * Cost: one read of the panels; about 9 instructions for the 8 voxels of a time point.
 */
import { BAND } from "./bandSums"
import { addToGlobal, addValid } from "./globalSignal"
import { PANEL_ROW } from "./layout"
import { multiplyAdd } from "./multiplyAdd"
import { STORED_ROW } from "./transposePanel"
import { storeFactors } from "./unpackStored"

/** Panels that are added together. */
const TOGETHER: i32 = 4

/** What lies in the scratch: the factors of the panels, then a sum of each time point, 8 lanes. */
const SUMS: usize = <usize>TOGETHER * PANEL_ROW

/**
 * Adds `count` time points, from `firstTime` on, of a band to the global signal; with the first of them the number of its valid voxels.
 *
 * Shapes: source, sd and step as for `storedMeans`; `panels` of the whole brain; count 128 at most. Mutates `global` and `scratch`.
 */
export function addStoredBand(
  source: usize,
  panelBytes: i32,
  timePoints: i32,
  sd: usize,
  step: usize,
  firstTime: i32,
  count: i32,
  band: i32,
  panels: i32,
  global: usize,
  scratch: usize
): void {
  const last = min((band + 1) * BAND, panels)
  const sums = scratch + SUMS
  const row = step ? STORED_ROW : PANEL_ROW
  const norm = 1 / sqrt(<f64>timePoints)
  memory.fill(sums, 0, <usize>count * PANEL_ROW)
  let valid: i32 = 0
  for (let p = band * BAND; p < last; ) {
    const together: i32 = p + TOGETHER <= last ? TOGETHER : 1
    for (let i: i32 = 0; i < together; i++) {
      const ofVoxels = <usize>(p + i) * PANEL_ROW
      valid += storeFactors(sd + ofVoxels, step ? step + ofVoxels : 0, norm, scratch + <usize>i * PANEL_ROW)
    }
    const from = source + <usize>p * <usize>panelBytes + <usize>firstTime * row
    if (step) {
      if (together > 1) addFourOfIntegers(from, panelBytes, count, scratch, sums)
      else addIntegers(from, count, scratch, sums)
    } else {
      for (let i: i32 = 0; i < together; i++) {
        addFloats(from + <usize>i * <usize>panelBytes, count, scratch + <usize>i * PANEL_ROW, sums)
      }
    }
    p += together
  }
  if (firstTime === 0) addValid(valid, timePoints, global)
  let sum = sums
  for (let t = firstTime; t < firstTime + count; t++) {
    addToGlobal(f32x4.add(v128.load(sum), v128.load(sum, 16)), global + ((<usize>t) << 3))
    sum += PANEL_ROW
  }
}

/** Adds four panels of integers, one after the other in each lane. */
function addFourOfIntegers(from: usize, panelBytes: i32, count: i32, factors: usize, sums: usize): void {
  const f0 = v128.load(factors)
  const f1 = v128.load(factors, 16)
  const f2 = v128.load(factors, 32)
  const f3 = v128.load(factors, 48)
  const f4 = v128.load(factors, 64)
  const f5 = v128.load(factors, 80)
  const f6 = v128.load(factors, 96)
  const f7 = v128.load(factors, 112)
  const bytes = <usize>panelBytes
  const end = sums + <usize>count * PANEL_ROW
  for (; sums < end; sums += PANEL_ROW) {
    const x = v128.load(from)
    const y = v128.load(from + bytes)
    const z = v128.load(from + 2 * bytes)
    const w = v128.load(from + 3 * bytes)
    let low = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x)), f0, v128.load(sums))
    let high = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x)), f1, v128.load(sums, 16))
    low = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(y)), f2, low)
    high = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(y)), f3, high)
    low = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(z)), f4, low)
    high = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(z)), f5, high)
    low = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(w)), f6, low)
    high = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(w)), f7, high)
    v128.store(sums, low)
    v128.store(sums, high, 16)
    from += STORED_ROW
  }
}

function addIntegers(from: usize, count: i32, factors: usize, sums: usize): void {
  const factor0 = v128.load(factors)
  const factor1 = v128.load(factors, 16)
  const end = sums + <usize>count * PANEL_ROW
  for (; sums < end; sums += PANEL_ROW) {
    const x = v128.load(from)
    const low = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x)), factor0, v128.load(sums))
    const high = multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x)), factor1, v128.load(sums, 16))
    v128.store(sums, low)
    v128.store(sums, high, 16)
    from += STORED_ROW
  }
}

function addFloats(from: usize, count: i32, factors: usize, sums: usize): void {
  const factor0 = v128.load(factors)
  const factor1 = v128.load(factors, 16)
  const end = sums + <usize>count * PANEL_ROW
  for (; sums < end; sums += PANEL_ROW) {
    const low = multiplyAdd(v128.load(from), factor0, v128.load(sums))
    const high = multiplyAdd(v128.load(from, 16), factor1, v128.load(sums, 16))
    v128.store(sums, low)
    v128.store(sums, high, 16)
    from += PANEL_ROW
  }
}
