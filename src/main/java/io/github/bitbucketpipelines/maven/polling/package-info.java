/**
 * When to poll next: pure mathematics, no I/O, no clock. A request has a price, in seconds of delay, and the schedule is
 * the one with the least sum of mean delay and price of all requests. For an event with hazard h (its chance per second of
 * occurring now, if it has not yet) and worth v (of a second of its delay) the best rate of polls is √(v·h / (2·price)):
 * J. B. Keller, Optimum checking schedules for systems subject to random failure, Management Science 21, 1974.
 *
 * <pre>
 * rate(t)   = √(Σ v·h(t) / (2·price))             the next poll is due when ∫ rate since the last one is 1
 * price     = PRICE · max(1, SCARCE / n)²         n: requests left for the run, of its hour or the account's
 * hazard(x) = ending(x) / left(x)                 x: seconds since the event's origin
 * left(x)   = never + TAIL·m/(m + x)  + Σ w / (1 + z)
 * ending(x) =         TAIL·m/(m + x)² + Σ w · z/(1 + z)² · k/x
 * z = (x/T)^k,  k = ∛max(1, Σw) / WIDTH           T, w: durations and weights of comparable runs
 * </pre>
 *
 * m is the median of the tail, for what is like no earlier run: without history the interval is √(2·price·(m + x)).
 */
package io.github.bitbucketpipelines.maven.polling;
