import { mismatch, type Problem } from "./problem";

/** What a service's image is built from. The paths are relative to the root of the repository. */
export interface Image {
  /** Folder of the build context, such as `examples/flask/app`, or `.` for the whole repository. */
  readonly context: string;
  /** Path of the Dockerfile, such as `examples/flask/app/Dockerfile`. */
  readonly dockerfile: string;
}

// No segment may begin with a dot, so that a path cannot lead out of the repository.
const PATH = String.raw`[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*`;
const CONTEXT = new RegExp(`^(\\.|${PATH})$`);
const DOCKERFILE = new RegExp(`^${PATH}$`);

export function* imageProblems(field: string, { context, dockerfile }: Image): Iterable<Problem> {
  yield* mismatch(
    `${field}.context`,
    context,
    CONTEXT,
    '"." or a folder relative to the root of the repository, such as examples/flask/app',
  );
  yield* mismatch(
    `${field}.dockerfile`,
    dockerfile,
    DOCKERFILE,
    "a file relative to the root of the repository, such as Dockerfile",
  );
}
