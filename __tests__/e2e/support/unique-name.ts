let names = 0;

/** A name that no other resource of the test file has. */
export const uniqueName = (kind: string) => `${kind}-${++names}`;
