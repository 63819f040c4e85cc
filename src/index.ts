/**
 * `lesion-network-mapping` as a library: the stages, how pipelines are made of them, where their data comes from and
 * what they run on. Everything is an Effect value; nothing happens on import.
 */

export { Config } from "../pipelines/functional-network-mapping/Config.ts"
export { PartialRefused } from "../pipelines/functional-network-mapping/checkPartial.ts"
export { type PlannedStudy, planStudy } from "../pipelines/functional-network-mapping/planStudy.ts"
export { run } from "../pipelines/functional-network-mapping/runStudy.ts"
export type { Study } from "../pipelines/functional-network-mapping/Study.ts"
export { fingerprintsOf } from "../pipelines/functional-network-mapping/studyFingerprints.ts"
export {
  connectivitySums,
  functionalNetworkMapping,
  lesionVoxelCorrelations,
  seedRefinement,
  seedsFromCorrelations,
  withSeeds
} from "../pipelines/functional-network-mapping.ts"
export { GroupConfig } from "../pipelines/group-network-mapping/Config.ts"
export { type PlannedGroup, planGroup } from "../pipelines/group-network-mapping/planGroup.ts"
export { NoRoomForScratch, NotEnoughMemoryForGroup } from "../pipelines/group-network-mapping/planMemory.ts"
export { OtherPipelinesOutput } from "../pipelines/group-network-mapping/refuseOtherRuns.ts"
export type { ContrastSummary } from "../pipelines/group-network-mapping/summary.ts"
export { groupNetworkMapping } from "../pipelines/group-network-mapping.ts"
export { mapsFromSums } from "../pipelines/mapsFromSums.ts"
export type {
  AnyPipelineEntry,
  PipelineCommands,
  PipelineEntry,
  PlannedRun,
  PlanOf
} from "../pipelines/PipelineEntry.ts"
export { PrepareConfig } from "../pipelines/prepare-connectome/PrepareConfig.ts"
export { makeStore, type PreparedStore, prepareStore } from "../pipelines/prepare-connectome.ts"
export { loadAnyConfig, loadConfig, Pipelines, registry } from "../pipelines/registry.ts"
export type { Assignment } from "./config/assignments.ts"
export { anyConfigJsonSchema, configJsonSchema } from "./config/configSchema.ts"
export { InvalidConfig } from "./config/loadConfig.ts"
export {
  type ChosenSubjects,
  type Connectome,
  ConnectomeUnreadable,
  InvalidConnectome,
  type ReadingPart,
  type Run,
  type Subject
} from "./connectome/Connectome.ts"
export { withSubjects } from "./connectome/chosenSubjects.ts"
export { openHdf5Connectome } from "./connectome/hdf5/Hdf5Connectome.ts"
export { openNiftiConnectome } from "./connectome/nifti/NiftiConnectome.ts"
export {
  ContradictorySpace,
  openConnectome,
  UnknownSpace
} from "./connectome/openConnectome.ts"
export type { ConnectomeLocation } from "./connectome/Source.ts"
export {
  readSubjectChoice,
  type SubjectChoice,
  type SubjectsOption,
  UnknownSubjects
} from "./connectome/subjectChoice.ts"
export { type Chunk, type SubjectRange, type SubjectTimeSeries, subjectRanges } from "./elements/Chunk.ts"
export { CollinearSeeds } from "./elements/CollinearSeeds.ts"
export { type ConnectivitySums, lesionSums, type ReduceOptions } from "./elements/ConnectivitySums.ts"
export type { CoveredSubjects } from "./elements/coveredSubjects.ts"
export { EmptySubject } from "./elements/EmptySubject.ts"
export type { Fingerprints } from "./elements/Fingerprints.ts"
export { InvalidTimeSeries } from "./elements/InvalidTimeSeries.ts"
export { joinCorrelations } from "./elements/joinCorrelations.ts"
export type { LesionMaps, StatisticsOptions } from "./elements/LesionMaps.ts"
export type { CorrelateLesionVoxelsOptions, LesionVoxelCorrelations } from "./elements/LesionVoxelCorrelations.ts"
export { mergeSums } from "./elements/mergeSums.ts"
export type { ParcellatedMaps, ParcellateOptions, ParcelStatistic, ParcelTable } from "./elements/ParcelTable.ts"
export type { PartialSeedsOptions } from "./elements/PartialSeeds.ts"
export type { PrincipalSeedsOptions, RefinedSeeds } from "./elements/RefinedSeeds.ts"
export type { SeededChunk } from "./elements/SeededChunk.ts"
export type { SeedMatrixOptions, SeedMatrixSums } from "./elements/SeedMatrixSums.ts"
export type { SeedRegion, SeedRegions, SubjectRegions } from "./elements/SeedRegion.ts"
export { OverlappingSubjects, SumsMismatch, TooManySubjects, withFingerprints } from "./elements/SumsMismatch.ts"
export type { Tile } from "./elements/Tile.ts"
export type { TileFunction } from "./elements/TileFunction.ts"
export { TileFunctionFailed, TileFunctionMissing } from "./elements/TileFunctionUnusable.ts"
export { UnboundedZ } from "./elements/UnboundedZ.ts"
export type { WriteMapsOptions } from "./elements/WriteMapsOptions.ts"
export { Engine, type EngineOptions, KernelsUnusable, NoEngineMemory } from "./engine/Engine.ts"
export { type EngineLayerOptions, engineLayer } from "./engine/engineLayer.ts"
export { WideVectors } from "./engine/WideVectors.ts"
export { InputChanged } from "./files/unchangedFiles.ts"
export type { Affine, Grid, Shape } from "./imaging/Grid.ts"
export {
  ImageTooLarge,
  LoadingMemory,
  type LoadingMemoryService,
  makeLoadingMemory
} from "./imaging/loadingMemory.ts"
export { SearchFailed } from "./imaging/nifti/findNiftiFiles.ts"
export { SpaceMismatch } from "./imaging/templateSpace.ts"
export { timeSeriesView, volumeView } from "./imaging/views.ts"
export type { Permutations } from "./kernels/group/permutations.ts"
export { copyMeans, type LesionSums } from "./kernels/LesionSums.ts"
export { BadLesions, type OnBadLesion } from "./lesions/badLesions.ts"
export { NothingSelected } from "./lesions/conditions.ts"
export { LesionsNotFound } from "./lesions/findLesions.ts"
export { type Lesion, type LesionCounts, loadLesion } from "./lesions/Lesion.ts"
export { EmptyLesion, LesionCoversBrain, LesionOutsideBrain } from "./lesions/LesionError.ts"
export { type LesionValues, NegativeValues } from "./lesions/lesionValues.ts"
export { InvalidWeight } from "./lesions/lesionWeights.ts"
export { type LesionLocation, type LesionOutputs, loadLesions } from "./lesions/loadLesions.ts"
export { type OutputNaming, SameOutputName, UnusableName } from "./lesions/outputNames.ts"
export { InvalidParticipants } from "./lesions/participantsTable.ts"
export type { LesionTarget } from "./lesions/placeLesion.ts"
export type { AtlasLocation } from "./lesions/seeds/atlasSeeds.ts"
export type { SeedLocation } from "./lesions/seeds/findSeeds.ts"
export { InvalidSeeds } from "./lesions/seeds/InvalidSeeds.ts"
export type { PlaceSeed, Seed } from "./lesions/seeds/Seed.ts"
export type { LesionSelection } from "./lesions/selectLesions.ts"
export { InvalidArrayFile } from "./output/arrayFileFormat.ts"
export { Checksums } from "./output/Checksums.ts"
export { fingerprintStudy, fingerprintSums, type StudyMethod } from "./output/fingerprints.ts"
export { Manifest, readManifest } from "./output/Manifest.ts"
export { OutputFolder, OutputLost, OutputNotWritable } from "./output/OutputFolder.ts"
export { OutputNotWritten } from "./output/OutputNotWritten.ts"
export { ForeignOutput } from "./output/refuseForeignFiles.ts"
export type { LesionSummary } from "./output/Summary.ts"
export { type FingerprintedCorrelations, loadCorrelations, saveCorrelations } from "./output/savedCorrelations.ts"
export { type FingerprintedSums, loadSums, saveSums } from "./output/savedSums.ts"
export type { Statistic } from "./output/statisticRows.ts"
export { InvalidParcellation, loadParcellation, type ParcellationLocation } from "./parcellations/loadParcellation.ts"
export type { Parcellation } from "./parcellations/Parcellation.ts"
export { InvalidParcelLabels, type ParcelLabel } from "./parcellations/parcelLabels.ts"
export { BackgroundUnusable } from "./report/checkBackground.ts"
export { ReportNotMade } from "./report/ReportNotMade.ts"
export { AddressSpaceTooSmall } from "./runtime/addressSpaceNeed.ts"
export { Backend, type BackendService, type Step } from "./runtime/Backend.ts"
export type { BufferPool, Slot } from "./runtime/BufferPool.ts"
export { ChunkPool } from "./runtime/ChunkPool.ts"
export { EngineExceeded } from "./runtime/EngineExceeded.ts"
export * as Pipeline from "./runtime/Pipeline.ts"
export { makePlan, NotEnoughMemory, type Plan } from "./runtime/Plan.ts"
export type { ProblemShape } from "./runtime/ProblemShape.ts"
export { Progress } from "./runtime/Progress.ts"
export type { Phase, ProgressState } from "./runtime/progressState.ts"
export type { Operation, Stage } from "./runtime/Stage.ts"
export { makeWarnings, type Warning, Warnings, type WarningsService } from "./runtime/Warnings.ts"
export { WorkerFailed } from "./runtime/WorkerPool.ts"
export { correlate } from "./stages/Correlate.ts"
export { correlateLesionVoxels } from "./stages/CorrelateLesionVoxels.ts"
export { degree } from "./stages/Degree.ts"
export { fisherZ } from "./stages/FisherZ.ts"
export { type ContrastMaps, type ContrastRequest, computeContrast, contrastData } from "./stages/group/Contrast.ts"
export { type WrittenContrast, writeContrast } from "./stages/group/contrastFiles.ts"
export { contrastPermutations } from "./stages/group/contrastPermutations.ts"
export type { DesignColumn } from "./stages/group/designColumn.ts"
export { type CohortMap, findCohortMaps } from "./stages/group/findCohortMaps.ts"
export { type GroupPool, makeGroupPool } from "./stages/group/GroupWork.ts"
export { type DesignOptions, type GroupDesign, groupDesign } from "./stages/group/groupDesign.ts"
export { InvalidCohort } from "./stages/group/InvalidCohort.ts"
export {
  ConfoundedCovariate,
  ConstantColumn,
  MissingValues,
  NothingToTest,
  TooFewPermutations,
  TooManyGroups,
  VarianceNotEstimable
} from "./stages/group/InvalidDesign.ts"
export { type Cohort, type CohortValues, checkCohort, readCohort } from "./stages/group/readCohort.ts"
export { computeSpatial, type SpatialFindings, type SpatialRequest } from "./stages/group/SpatialContrast.ts"
export { ingest } from "./stages/Ingest.ts"
export { type MapTilesOptions, mapTiles } from "./stages/MapTiles.ts"
export { parcellate } from "./stages/Parcellate.ts"
export { partialSeeds } from "./stages/PartialSeeds.ts"
export { principalSeeds, SingleSubjectFile, SubjectsMissing } from "./stages/PrincipalSeeds.ts"
export { reduce } from "./stages/Reduce.ts"
export { seed } from "./stages/Seed.ts"
export { seedMatrix } from "./stages/SeedMatrix.ts"
export { statistics } from "./stages/Statistics.ts"
export { type WritableMaps, type WrittenLesion, writeMaps } from "./stages/WriteMaps.ts"
export { type WriteSeedsOptions, writeSeeds } from "./stages/WriteSeeds.ts"
export { InvalidWarp } from "./warps/readItkTransform.ts"
export { MissingWarp, makeTemplateWarps, type TemplateWarps } from "./warps/templateWarps.ts"
