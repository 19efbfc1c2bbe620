/** Ends a test run with one plain line that counts the tests that really ran. */
module.exports = class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    // A file that could not even start is a failure too, though it counts no test.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Synchronously and last: nothing may come after it.
    process.once('exit', () => process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`));
  }
};
