/** Which calls change nothing: by the verb at the kube-apiserver, or the operation at ARM, as facts name them. */

/** Whether a call only reads. */
export function isRead(verb: string): boolean {
  return /^(?:get|list|watch|poll)/u.test(verb);
}
