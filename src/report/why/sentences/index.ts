/** Events and facts in sentences, for people who do not know the names of messages. */
export { eventSentence } from './events.ts';
export { factSentence, factWords, failureWords, SERVED_BY } from './facts.ts';
export { factsOf, statedIn } from './stated.ts';
