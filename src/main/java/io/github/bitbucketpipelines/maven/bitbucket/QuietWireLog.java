package io.github.bitbucketpipelines.maven.bitbucket;

import java.util.List;

/**
 * Keeps HttpClient's debug log silent under {@code mvn -X}. It logs through Maven's SLF4J, and would print every
 * header, {@code Authorization} too, every body, and the signed addresses of log files.
 *
 * <p>Maven 3 reads the first prefix; Maven 4 the second, and warns about the first where the second is missing. What
 * the user has set stays as it is.
 */
final class QuietWireLog {
    private static final List<String> PREFIXES = List.of("maven.logger.log.", "org.slf4j.simpleLogger.log.");
    private static final List<String> LOGGERS =
            List.of("org.apache.hc", "org.apache.hc.client5.http.headers", "org.apache.hc.client5.http.wire");

    private QuietWireLog() {}

    /** To be called before the first class of HttpClient makes its logger. */
    static void apply() {
        for (String prefix : PREFIXES) {
            for (String logger : LOGGERS) {
                if (System.getProperty(prefix + logger) == null) {
                    System.setProperty(prefix + logger, "info");
                }
            }
        }
    }
}
