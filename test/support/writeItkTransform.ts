/** Writes ITK transforms in HDF5, right ones and wrong ones, as ITK 5 spells their parts. */
import h5wasm from "h5wasm/node"

export interface ItkTransform {
  readonly kind: string
  readonly parameters: ReadonlyArray<number>
  readonly fixed: ReadonlyArray<number>
}

/** Moves points by so many mm along x, y and z of LPS+. */
export const shiftBy = (x: number, y: number, z: number): ItkTransform => ({
  kind: "AffineTransform_double_3_3",
  parameters: [1, 0, 0, 0, 1, 0, 0, 0, 1, x, y, z],
  fixed: [0, 0, 0]
})

export const composite: ItkTransform = { kind: "CompositeTransform_double_3_3", parameters: [], fixed: [] }

export const writeItkTransform = async (file: string, transforms: ReadonlyArray<ItkTransform>): Promise<string> => {
  await h5wasm.ready
  const written = new h5wasm.File(file, "w")
  const group = written.create_group("TransformGroup")
  for (const [n, { kind, parameters, fixed }] of transforms.entries()) {
    const own = group.create_group(String(n))
    own.create_dataset({ name: "TransformType", data: [kind] })
    if (parameters.length > 0) own.create_dataset({ name: "TransformParameters", data: Float64Array.from(parameters) })
    if (fixed.length > 0) own.create_dataset({ name: "TransformFixedParameters", data: Float64Array.from(fixed) })
  }
  written.close()
  return file
}
