/** The course of a run: first occurrences of the milestones, and the steps of its story as they were carried out. */
import type { Moment } from '../../kernel/time.ts';
import { BINDING_LABEL } from '../../model/kubernetes.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { CourseSection, PlaceInRun } from '../document/index.ts';
import { placeOf, placeOfWrite } from '../watcher.ts';
import type { Run, Stamped, Watcher, Write } from '../watcher.ts';
import { documentStepOf } from './document-words.ts';
import { detailsOf, MILESTONES, signOfFact, signsOfWrite } from './milestones.ts';
import type { Milestone, Sign } from './milestones.ts';
import { OverTime } from './over-time.ts';

/** Steps of a story that are kept one by one. */
const STEPS_SHOWN = 200;

interface FirstTime {
  readonly place: PlaceInRun;
  readonly who: string;
  times: number;
}

/** Watches the course of a run. */
export class Course implements Watcher {
  readonly #run: Run;
  readonly #firsts = new Map<Milestone, FirstTime>();
  readonly #overTime = new OverTime<Milestone>();
  readonly #steps: CourseSection['steps'][number][] = [];
  #stepCount = 0;
  /** Pods with a selector label whose container has not started yet. */
  readonly #starting = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  onFact(stamped: Stamped): void {
    const { fact } = stamped;
    if (fact.type === 'story-step') {
      this.#stepCount += 1;
      if (this.#steps.length < STEPS_SHOWN) this.#steps.push({ step: fact.step, text: fact.text, place: placeOf(stamped, '') });
      return;
    }
    if (fact.type === 'container-started' && this.#starting.delete(fact.pod)) {
      this.#note({ milestone: 'podStarted', pod: fact.pod, who: fact.pod }, placeOf(stamped, fact.pod));
    }
    const sign = signOfFact(stamped);
    if (sign !== undefined && this.#isOfTheStory(sign)) this.#note(this.#named(sign), placeOf(stamped, sign.pod));
  }

  onWrite(write: Write): void {
    for (const sign of signsOfWrite(this.#run, write)) {
      if (sign.milestone === 'podCreated') this.#starting.add(sign.pod);
      else if (sign.milestone === 'podGone') this.#starting.delete(sign.pod);
      this.#note(sign, placeOfWrite(write, sign.pod));
    }
  }

  section(): CourseSection {
    const overTime = this.#overTime.until(this.#run.now);
    const mode = this.#run.table('settings').get(SETTINGS_KEY)?.mode ?? 'none';
    const details = detailsOf([...this.#firsts.keys()]);
    const milestones = [...this.#firsts].map(([milestone, { place, who, times }]) => {
      const step = mode === 'none' ? undefined : documentStepOf(milestone);
      return {
        milestone,
        title: MILESTONES[milestone],
        place,
        who,
        step: step?.step ?? null,
        words: step?.words ?? '',
        times,
        overTime: overTime.of(milestone),
        isDetail: details.has(milestone),
      };
    });
    return {
      milestones: milestones.sort((a, b) => a.place.atUs - b.place.atUs || a.place.event - b.place.event),
      sliceUs: overTime.sliceUs,
      steps: this.#steps,
      stepsNotShown: this.#stepCount - this.#steps.length,
    };
  }

  /** MIC asks for tokens of its own by the same way: those are no step of anybody's application. */
  #isOfTheStory({ milestone, pod }: Sign): boolean {
    if (milestone !== 'nmiAnswered' && milestone !== 'imdsToken') return true;
    const labels = this.#run.table('pods').get(pod)?.metadata.labels;
    return labels === undefined || labels[BINDING_LABEL] !== undefined;
  }

  /** Names the principal of a token by its display name. */
  #named(sign: Sign): Sign {
    if (sign.milestone !== 'aadToken') return sign;
    const [principal] = this.#run.table('servicePrincipals').by('app', sign.who);
    return { ...sign, who: `for ${principal?.displayName ?? sign.who}` };
  }

  #note(sign: Sign, place: PlaceInRun): void {
    this.#overTime.note(sign.milestone, place.atUs as Moment);
    const first = this.#firsts.get(sign.milestone);
    if (first === undefined) this.#firsts.set(sign.milestone, { place, who: sign.who, times: 1 });
    else first.times += 1;
  }
}
