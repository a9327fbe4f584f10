package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.DeploymentEnvironment;
import io.github.bitbucketpipelines.maven.pipeline.Runner;
import io.github.bitbucketpipelines.maven.pipeline.Runner.Availability;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads what a step may wait for: runners and deployment environments. */
final class EnvironmentJson {
    private EnvironmentJson() {}

    /** Reads a runner. One that takes no new steps (cordoned) is offline for a step that waits. */
    static Runner runner(JsonNode json) {
        List<String> labels = new ArrayList<>();
        json.path("labels").forEach(label -> Json.text(label).ifPresent(labels::add));
        JsonNode state = json.path("state");
        Availability availability = switch (Json.text(state.path("status")).orElse("")) {
            case "ONLINE" -> Availability.ONLINE;
            case "OFFLINE", "UNREGISTERED", "DISABLED", "UNHEALTHY" -> Availability.OFFLINE;
            default -> Availability.UNKNOWN;
        };
        return new Runner(labels, state.path("cordoned").asBoolean() ? Availability.OFFLINE : availability);
    }

    /**
     * Reads an environment; empty without a name. Atlassian documents the name only. A lock that is open, or in any form
     * that clients have not recorded, has no holder.
     */
    static Optional<DeploymentEnvironment> environment(JsonNode json, SecretMasker secrets) {
        JsonNode lock = json.path("lock");
        boolean isLocked = Json.text(lock.path("name"))
                .or(() -> Json.text(lock.path("type")))
                .map(text -> text.toUpperCase(Locale.ROOT))
                .filter(text -> text.endsWith("LOCKED") && !text.endsWith("UNLOCKED"))
                .isPresent();
        return Json.text(json.path("name"), secrets)
                .map(name -> new DeploymentEnvironment(
                        name,
                        Json.text(json.path("slug"), secrets),
                        Json.raw(lock.path("triggerer").path("pipeline_uuid"))
                                .filter(uuid -> isLocked && Json.isUuid(uuid)),
                        json.path("restrictions").path("admin_only").asBoolean()));
    }
}
