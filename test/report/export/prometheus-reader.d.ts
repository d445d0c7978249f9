/** The part of the reader of Prometheus texts that tests use; the package brings no types. */
declare module 'parse-prometheus-text-format' {
  interface Family {
    readonly name: string;
    readonly type: string;
    readonly metrics: readonly { readonly value?: string }[];
  }
  export default function parsePrometheusTextFormat(text: string): readonly Family[];
}
