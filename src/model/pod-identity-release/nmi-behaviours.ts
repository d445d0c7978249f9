/** What NMI learned from release to release. Actors ask by name; nobody else looks at releases. */
import type { BehaviourRow } from './behaviour-row.ts';

/** Behaviours of NMI, in the order in which they came. */
export const nmiBehaviours = {
  nmiWaitsForIdentity: {
    from: '1.5-dev',
    source: '#272',
    meaning: 'A request waits until its identity is assigned; before, NMI looked once.',
  },
  nmiCleansRulesOnSigterm: {
    from: '1.5-dev',
    source: '#211',
    meaning: 'A process told to end takes its rules away first; before, they stayed and led to a dead port.',
  },
  nmiTellsUnassignedFromAbsent: {
    from: '1.5-rc2',
    source: '#292',
    meaning: 'Created but never Assigned is answered 404; before, every failed search was a 403.',
  },
  nmiAnswersNotFound: {
    from: '1.6.1',
    source: '#629',
    meaning: 'No assigned identity at all is answered 404; before, 403.',
  },
  nmiRepeatsUserAgent: {
    from: '1.5-rc2',
    until: '1.5.1',
    source: '#333 (issues #323, #332)',
    meaning:
      'Every call to IMDS adds the name of NMI to the user agent once more, until the headers of the process are too long for an answer.',
  },
  nmiMiscountsRules: {
    from: '1.5.5',
    until: '1.6.0',
    source: '#480 (issue #474)',
    meaning: 'The check expects two rules where there are three, so each one flushes the chain and writes it again.',
  },
  nmiRefusesKubenet: {
    from: '1.7.0',
    source: '#842 (CVE-2021-1677)',
    meaning: 'On kubenet the process ends unless a flag allows it.',
  },
  nmiIgnoresCaseOfPath: {
    from: '1.7.5',
    source: '#1021',
    meaning:
      'The first word of a path is compared without regard to case; before, /METADATA/ passed for another path and was handed on to IMDS.',
  },
  nmiTellsImdsFailure: {
    from: '1.8.6',
    source: '#1206',
    meaning: 'An IMDS that cannot be reached is answered 503; before, 403 as any other failure.',
  },
  nmiRefusesOddTokenPaths: {
    from: '1.8.13',
    source: '#1325 (CVE-2022-23551)',
    meaning:
      'A path that looks like one of a token request but is not spelled as one is refused; before, it was handed on to IMDS from the host.',
  },
  nmiToleratesAllTaints: {
    from: '1.8.14',
    source: '#1371',
    meaning: 'The published DaemonSet runs on tainted nodes too.',
  },
} as const satisfies Readonly<Record<string, BehaviourRow>>;
