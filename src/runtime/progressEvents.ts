/**
 * What `--progress json` writes on standard error: one JSON object a line, each an event of a kind. Progress comes at most once a second, and at each phase;
 * every warning and every error is an event, and so is whatever else is said. `lnm schema --progress` prints the JSON Schema.
 */
import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

export const ProgressEvent = Schema.Struct({
  kind: Schema.Literals(["progress"]),
  phase: Schema.NullOr(Schema.String).annotate({ description: "What is going on; null where the run does not say" }),
  pass: Schema.NullOr(Count).annotate({ description: "Which of several passes this is, from 1" }),
  passes: Schema.NullOr(Count),
  counting: Schema.NullOr(Schema.Literals(["subjects", "lesions", "steps"])).annotate({
    description: "What is counted in this phase; null: nothing is"
  }),
  subjects_done: Count.annotate({ description: "Subjects read, correlated and added to the sums, over all passes" }),
  subjects: Count.annotate({ description: "Subjects to read, over all passes" }),
  lesions_done: Count.annotate({ description: "Lesions whose maps have been written" }),
  lesions: Count.annotate({ description: "Lesions whose maps are to be written" }),
  steps_done: Count.annotate({ description: "Steps of this phase that are done; 0 where they are not counted" }),
  steps: Count.annotate({ description: "Steps of this phase" }),
  step_name: Schema.NullOr(Schema.String).annotate({ description: "What these steps are, e.g. patients" }),
  elapsed_seconds: Amount.annotate({ description: "Time since the run began" }),
  subjects_per_second: Amount,
  lesions_per_second: Amount,
  seconds_left: Schema.NullOr(Amount).annotate({
    description:
      "Time until the last subject, lesion or step that is being counted, at the rate so far; null before the first"
  }),
  read_megabytes_per_second: Amount.annotate({ description: "10^6 bytes read from the connectome's files, a second" }),
  gigaflops: Amount.annotate({ description: "10^9 floating-point operations of the correlations, a second" }),
  limit: Schema.NullOr(Schema.Literals(["reading", "computing"])).annotate({
    description: "What workers were longer busy with so far; null where nothing was measured"
  }),
  memory_bytes: Schema.NullOr(Count).annotate({ description: "Memory that the process holds now" }),
  planned_memory_bytes: Schema.NullOr(Count).annotate({
    description: "Memory that it will hold at its peak, as the plan foretells; null before there is a plan"
  })
}).annotate({ description: "How far the run is" })

export const WarningEvent = Schema.Struct({
  kind: Schema.Literals(["warning"]),
  file: Schema.String.annotate({ description: "The file or folder, or the key of the config, that it is about" }),
  found: Schema.String.annotate({ description: "What was found, a clause" }),
  taken: Schema.String.annotate({ description: "What was taken or done, and how to change that" })
}).annotate({ description: "A result may not be what was meant; the manifest has the same" })

export const ErrorEvent = Schema.Struct({
  kind: Schema.Literals(["error"]),
  message: Schema.String.annotate({ description: "What is wrong, where, and what to do; may have several lines" }),
  exit_code: Count.annotate({ description: "With which the command ends" })
}).annotate({ description: "The command has failed; the last event" })

export const NoteEvent = Schema.Struct({
  kind: Schema.Literals(["note"]),
  message: Schema.String
}).annotate({ description: "Anything else that is said, as that the run is stopping" })

export const Event = Schema.Union([ProgressEvent, WarningEvent, ErrorEvent, NoteEvent])

export type Event = typeof Event.Type

/** A line with its end. */
export const eventLine = (event: Event): string => `${JSON.stringify(event)}\n`

export const progressEvent = (state: Omit<typeof ProgressEvent.Type, "kind">): Event => ({ kind: "progress", ...state })
