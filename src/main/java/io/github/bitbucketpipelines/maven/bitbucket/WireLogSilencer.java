package io.github.bitbucketpipelines.maven.bitbucket;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/**
 * Keeps HttpClient's debug log silent under {@code mvn -X}. It logs through Maven's SLF4J, and would print every
 * header, {@code Authorization} too, every body, and the signed addresses of log files.
 *
 * <p>Maven 3 reads the first prefix; Maven 4 the second, and warns about the first where the second is missing. What
 * the user has set stays as it is.
 */
final class WireLogSilencer {
    private static final List<String> PREFIXES = List.of("maven.logger.log.", "org.slf4j.simpleLogger.log.");
    private static final String HTTP_CLIENT = "org.apache.hc";
    private static final List<String> LOGGERS =
            List.of(HTTP_CLIENT, "org.apache.hc.client5.http.headers", "org.apache.hc.client5.http.wire");

    /** INFO, in every SLF4J provider of Maven. */
    private static final int INFO = 20;

    private WireLogSilencer() {}

    /** To be called before the first class of HttpClient makes its logger. */
    static void apply() {
        boolean ours = true;
        for (String prefix : PREFIXES) {
            for (String logger : LOGGERS) {
                if (System.getProperty(prefix + logger) == null) {
                    System.setProperty(prefix + logger, "info");
                }
                ours &= System.getProperty(prefix + logger).equals("info");
            }
        }
        if (ours) {
            silenceExistingLoggers();
        }
    }

    /**
     * All plugins of a build share their loggers: another one that has HttpClient in it may have made them before us, and
     * a logger keeps the level it was made with. SLF4J has no way to change it, Maven's providers have this one field.
     */
    private static void silenceExistingLoggers() {
        try {
            ILoggerFactory factory = LoggerFactory.getILoggerFactory();
            Map<?, ?> loggers = (Map<?, ?>) field(factory, "loggerMap").get(factory);
            for (Map.Entry<?, ?> logger : loggers.entrySet()) {
                if (logger.getKey().toString().startsWith(HTTP_CLIENT)) {
                    Field level = field(logger.getValue(), "currentLogLevel");
                    level.setInt(logger.getValue(), Math.max(INFO, level.getInt(logger.getValue())));
                }
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Another provider than Maven's own has its own configuration, which -X does not change.
            return;
        }
    }

    private static Field field(Object object, String name) throws NoSuchFieldException {
        for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    field.setAccessible(true);
                    return field;
                }
            }
        }
        throw new NoSuchFieldException(name);
    }
}
