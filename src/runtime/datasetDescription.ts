/** `dataset_description.json` of the output folder, which makes it a BIDS derivative dataset. */
import { packageName, packageVersion } from "./version.ts"

export const formatDatasetDescription = ({
  method,
  space,
  connectome
}: {
  readonly method: string
  readonly space: string
  readonly connectome: { readonly path: string; readonly subjects: ReadonlyArray<unknown> }
}): string => {
  const description = {
    Name: `Lesion network maps (${method}, ${space})`,
    BIDSVersion: "1.10.0",
    DatasetType: "derivative",
    GeneratedBy: [
      {
        Name: packageName,
        Version: packageVersion,
        Description: `Functional lesion network mapping over ${connectome.subjects.length} subjects of ${connectome.path}`
      }
    ]
  }
  return `${JSON.stringify(description, null, 2)}\n`
}
