/** The exports of the kernels that prepare a connectome. */
export { quantisePanels } from "./quantisePanels"
export { standardisePanels } from "./standardisePanels"
