/** Bytes at the start of the memory that hold the constants of a build, which are written there when it is instantiated. */
export function dataBytes(): usize {
  return __heap_base
}
