/** The core of idflow: what a program, a page or a test needs to run scenarios. Runs in Node and in a browser. */
export {};
