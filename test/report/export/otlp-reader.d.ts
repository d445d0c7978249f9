/** The part of OpenTelemetry's own protobuf code that tests use; the package brings no types for it. */
declare module '@opentelemetry/otlp-transformer/build/src/generated/root.js' {
  interface ProtobufMessage {
    verify(message: unknown): string | null;
    fromObject(message: unknown): unknown;
  }
  const root: {
    readonly opentelemetry: {
      readonly proto: { readonly collector: { readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: ProtobufMessage } } } };
    };
  };
  export default root;
}
