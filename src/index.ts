/**
 * `lesion-network-mapping` as a library: the stages, how pipelines are made of them, where their data comes from and
 * what they run on. Everything is an Effect value; nothing happens on import.
 */
export {
  functionalNetworkMapping,
  type PreparedStudy,
  prepare,
  run,
  seedRefinement
} from "../pipelines/functional-network-mapping.ts"
export { makeStore, type PreparedStore, prepareStore } from "../pipelines/prepare-connectome.ts"
export {
  type Connectome,
  ConnectomeUnreadable,
  InvalidConnectome,
  type ReadingPart,
  type Subject
} from "./connectome/Connectome.ts"
export { openHdf5Connectome } from "./connectome/Hdf5Connectome.ts"
export { openNiftiConnectome } from "./connectome/NiftiConnectome.ts"
export {
  type ConnectomeLocation,
  ContradictorySpace,
  openConnectome,
  UnknownSpace
} from "./connectome/openConnectome.ts"
export type { Affine, Grid, Shape } from "./imaging/Grid.ts"
export {
  EmptyLesion,
  type Lesion,
  type LesionCounts,
  LesionOutsideBrain,
  type LesionTarget,
  loadLesion,
  SpaceMismatch
} from "./imaging/Lesion.ts"
export { InvalidWeight } from "./imaging/lesionWeights.ts"
export { type LesionLocation, loadLesions, SameOutputName } from "./imaging/loadLesions.ts"
export { InvalidParcellation, loadParcellation, type ParcellationLocation } from "./imaging/loadParcellation.ts"
export type { Parcellation } from "./imaging/Parcellation.ts"
export { InvalidParcelLabels, type ParcelLabel } from "./imaging/parcelLabels.ts"
export { InvalidParticipants } from "./imaging/participantsTable.ts"
export { type LesionSelection, NothingSelected } from "./imaging/selectLesions.ts"
export { timeSeriesView, volumeView } from "./imaging/views.ts"
export { copyMeans, type LesionSums } from "./kernels/LesionSums.ts"
export type { Statistic } from "./kernels/numericPolicy.ts"
export type { BufferPool, Slot } from "./runtime/BufferPool.ts"
export { Checksums } from "./runtime/Checksums.ts"
export { ChunkPool } from "./runtime/ChunkPool.ts"
export { Config } from "./runtime/Config.ts"
export { configJsonSchema } from "./runtime/configSchema.ts"
export { Engine, type EngineOptions } from "./runtime/Engine.ts"
export { InvalidConfig, loadAnyConfig, loadConfig } from "./runtime/loadConfig.ts"
export { Manifest, readManifest } from "./runtime/Manifest.ts"
export { OutputFolder, OutputNotWritable, OutputNotWritten } from "./runtime/OutputFolder.ts"
export * as Pipeline from "./runtime/Pipeline.ts"
export { makePlan, NotEnoughMemory, type Plan } from "./runtime/Plan.ts"
export { PrepareConfig } from "./runtime/PrepareConfig.ts"
export type { ProblemShape } from "./runtime/ProblemShape.ts"
export { Progress, type ProgressState } from "./runtime/Progress.ts"
export type { Stage } from "./runtime/Stage.ts"
export type { LesionSummary } from "./runtime/Summary.ts"
export { makeWarnings, type Warning, Warnings, type WarningsService } from "./runtime/Warnings.ts"
export { WorkerFailed } from "./runtime/WorkerPool.ts"
export { type ConnectivitySums, lesionSums, type ReduceOptions } from "./stages/ConnectivitySums.ts"
export { correlate, type Tile } from "./stages/Correlate.ts"
export { type CorrelateWithinOptions, correlateWithin } from "./stages/CorrelateWithin.ts"
export { fisherZ } from "./stages/FisherZ.ts"
export { type Chunk, ingest, type SubjectRange, type SubjectTimeSeries, subjectRanges } from "./stages/Ingest.ts"
export { InvalidTimeSeries } from "./stages/InvalidTimeSeries.ts"
export { mergeSums } from "./stages/mergeSums.ts"
export {
  type ParcellatedMaps,
  type ParcellateOptions,
  type ParcelStatistic,
  type ParcelTable,
  parcellate
} from "./stages/Parcellate.ts"
export {
  type PrincipalSeedsOptions,
  principalSeeds,
  type RefinedSeeds,
  SingleSubjectFile
} from "./stages/PrincipalSeeds.ts"
export { reduce } from "./stages/Reduce.ts"
export { type SeededChunk, type SeedRegion, type SeedRegions, type SubjectRegions, seed } from "./stages/Seed.ts"
export { type LesionMaps, type StatisticsOptions, statistics } from "./stages/Statistics.ts"
export { UnboundedZ } from "./stages/UnboundedZ.ts"
export type { WithinCorrelations } from "./stages/WithinCorrelations.ts"
export { type WritableMaps, type WriteMapsOptions, type WrittenLesion, writeMaps } from "./stages/WriteMaps.ts"
export { type WriteSeedsOptions, writeSeeds } from "./stages/WriteSeeds.ts"
export type { Study } from "./study/Study.ts"
