package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A module of the build.
 *
 * @param id Maven's id of it, which no other module of the build has
 * @param name what messages call it
 */
record ReactorModule(String id, String name) {
    /** So many names a message lists; more of them would hide what it says. */
    private static final int MAX_NAMES = 8;

    /** The names for a message, separated by commas; after eight of them only how many more there are. */
    static String names(List<ReactorModule> modules) {
        String names =
                modules.stream().limit(MAX_NAMES).map(ReactorModule::name).collect(Collectors.joining(", "));
        return modules.size() <= MAX_NAMES ? names : names + " and " + (modules.size() - MAX_NAMES) + " more";
    }
}
