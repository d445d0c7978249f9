/** Name and version of the trace's form; the version moves when a field is renamed or loses its meaning. */
export const TRACE_FORMAT = 'idflow.trace/1';
