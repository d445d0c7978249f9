/** What the API server is told of an init container that has ended. */

/** How an init container ended, last time. */
export interface InitContainerStatus {
  readonly name: string;
  readonly exitCode: number;
  readonly reason: 'Completed' | 'Error';
}
