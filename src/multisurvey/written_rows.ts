/** The numbers of new rows of a batch. */
export type WrittenRows = {
  readonly objects: number;
  readonly detections: number;
  readonly non_detections: number;
  readonly forced: number;
};
