/** The exports of the kernels that prepare a connectome; the constants are compared when they are loaded. */
export { dataBytes } from "./dataBytes"
export { NUMERICS, PANEL } from "./layout"
export { LARGEST_INTEGER, quantisePanels } from "./quantisePanels"
export { SCRATCH_BYTES, standardisePanels } from "./standardisePanels"
