/** Name and version of the report document's form: apart from the schema, so that a run that only makes a report needs no schema. */

/** Name and version of the document's form; the version moves when a field is renamed or loses its meaning. */
export const REPORT_FORMAT = 'idflow.report/1';
