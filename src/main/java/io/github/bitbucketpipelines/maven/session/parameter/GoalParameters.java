package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.util.Optional;

/**
 * The parameters that all goals share, as Maven injected them: not yet parsed, {@code null} where absent.
 *
 * @param apiUrl base of Bitbucket's REST API
 * @param serverId id of a server in settings.xml
 * @param skip {@code true} or {@code false}
 * @param rehearse result of a rehearsal, {@code true} or {@code false}
 */
public record GoalParameters(
        String workspace, String repository, String serverId, String apiUrl, String skip, String rehearse) {
    public static final String DEFAULT_API_URL = "https://api.bitbucket.org/2.0";
    public static final String DEFAULT_SERVER_ID = "bitbucket.org";

    /** Returns the same for another repository, which may have a server of its own. */
    public GoalParameters of(RepositoryId other, Optional<String> ownServerId) {
        return new GoalParameters(
                other.workspace(), other.slug(), ownServerId.orElse(serverId), apiUrl, skip, rehearse);
    }

    /** Returns the id of the server, or its default. */
    public String effectiveServerId() {
        return ParameterParser.optional(serverId).orElse(DEFAULT_SERVER_ID);
    }

    /** Whether the goal is rehearsed: {@code rehearse} is given and not false. */
    public boolean isRehearsal() {
        return ParameterParser.optional(rehearse)
                .filter(text -> !text.equalsIgnoreCase("false"))
                .isPresent();
    }
}
