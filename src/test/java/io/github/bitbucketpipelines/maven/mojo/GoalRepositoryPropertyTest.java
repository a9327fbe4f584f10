package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.ScratchGit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generates trees of POMs, remotes and variables of a CI server, seeded, and checks the promises of the repository's rule
 * with Maven's own models and with git: never a repository that nothing names; a contradiction is never silent.
 */
class GoalRepositoryPropertyTest {
    private static final int CASES = 60;
    private static final List<String> NAMES = List.of("acme/shop", "dev/shop-fork", "acme/other");
    private static final List<String> FORMS = List.of(
            "https://bitbucket.org/%s.git", "git@bitbucket.org:%s.git", "ssh://git@bitbucket.org/%s", "bb:%s.git");
    private static final List<String> MODULES = List.of("root", "a", "b");
    private static final Pattern REPOSITORY = Pattern.compile(".*/repositories/([^/]+/[^/]+)/.*");

    private enum Outcome {
        SILENT,
        WARNING,
        ERROR
    }

    private final Path temp;
    private final Random random = new Random(20261126);

    GoalRepositoryPropertyTest(@TempDir Path temp) {
        this.temp = temp;
    }

    /** The repositories that the POM of a module names itself; else those of the root's POM, which it inherits. */
    private final Map<String, Set<String>> scm = new TreeMap<>();

    /** Those of the remote that counts and of {@code origin}; empty where the branch is on another host. */
    private final Set<String> current = new LinkedHashSet<>();

    private final Set<String> remotes = new LinkedHashSet<>();
    private Optional<String> ciServer = Optional.empty();

    @Test
    void repositoryIsOneThatIsNamedAndNoContradictionIsSilent() throws Exception {
        Files.createDirectory(temp.resolve("company"));
        Files.writeString(
                temp.resolve("company/pom.xml"),
                "<project><modelVersion>4.0.0</modelVersion><groupId>com.acme</groupId><artifactId>company</artifactId>"
                        + "<version>1</version><packaging>pom</packaging>"
                        + "<scm><connection>scm:git:git@bitbucket.org:acme/parent-pom.git</connection></scm></project>");
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        Path root = Files.createDirectory(temp.resolve("checkout"));
        try (GoalHarness maven = new GoalHarness(root)) {
            maven.without("bitbucket.repository").property("bitbucket.branch", "main");
            List.of("acme/shop", "dev/shop-fork", "acme/other", "acme/parent-pom", "acme/a", "acme/b")
                    .forEach(name -> maven.bitbucket().repository(name.split("/")[0], name.split("/")[1]));
            maven.module("a", "").module("b", "");
            ScratchGit git = ScratchGit.in(root.toFile()).init();
            String config =
                    Files.readString(root.resolve(".git/config")) + "[url \"git@bitbucket.org:\"]\n\tinsteadOf = bb:\n";
            for (int number = 0; number < CASES; number++) {
                writePoms(maven);
                Files.writeString(root.resolve(".git/config"), config + remotes());
                ciServer = random.nextInt(4) == 0 ? Optional.of(pick(NAMES)) : Optional.empty();
                maven.environment("BITBUCKET_BUILD_NUMBER", "1")
                        .environment("BITBUCKET_REPO_FULL_NAME", ciServer.orElse(""));
                String text = "case " + number + ": " + scm + ", git " + current + " of " + remotes + ", CI " + ciServer
                        + "\n" + git.run("config", "--list", "--local");
                for (String module : MODULES) {
                    outcomes.merge(check(maven, module, text + "\n" + module), 1, Integer::sum);
                }
            }
        }
        assertThat(outcomes.values()).as("%s", outcomes).hasSize(3).allMatch(count -> count > 15);
    }

    private Outcome check(GoalHarness maven, String module, String text) {
        int before = maven.bitbucket().requests().size();
        // A build of its own: once a module has failed, no other one does anything.
        GoalResult result = maven.newBuild().execute("status", module, "look");
        List<String> used = maven.bitbucket().requests().stream()
                .skip(before)
                .map(RecordedRequest::path)
                .map(REPOSITORY::matcher)
                .filter(Matcher::matches)
                .map(path -> path.group(1))
                .distinct()
                .toList();
        Set<String> own = scm.getOrDefault(module, scm.getOrDefault("root", Set.of()));
        Set<String> selecting = new LinkedHashSet<>(own);
        selecting.addAll(current);
        Set<String> contradicting = new LinkedHashSet<>(selecting);
        ciServer.filter(name -> !selecting.isEmpty()).ifPresent(contradicting::add);

        if (selecting.isEmpty()) {
            assertThat(used).as(text).isEmpty();
            assertThat(result.error()).as(text).contains("not found");
            return Outcome.ERROR;
        }
        String first = selecting.iterator().next();
        if (result.exception().isPresent()) {
            assertThat(used).as(text).isEmpty();
            assertThat(result.error())
                    .as(text)
                    .contains("<scm> of the POM is " + first)
                    .contains(contradicting);
            assertThat(remotes).as(text).doesNotContain(first);
            return Outcome.ERROR;
        }
        assertThat(used).as(text).containsExactly(first);
        if (contradicting.size() > 1) {
            assertThat(remotes).as(text).contains(first);
            assertThat(result.warnings()).as(text).contains(contradicting);
        }
        return result.warnings().isEmpty() ? Outcome.SILENT : Outcome.WARNING;
    }

    private void writePoms(GoalHarness maven) {
        scm.clear();
        String parent = random.nextBoolean()
                ? "<parent><groupId>com.acme</groupId><artifactId>company</artifactId><version>1</version>"
                        + "<relativePath>../company/pom.xml</relativePath></parent>"
                : "";
        maven.project(parent
                        + "<properties><base>bitbucket.org</base></properties>"
                        + scm("root")
                        + GoalHarness.execution("look", "status", "<reactor>every</reactor>"))
                .module("a", scm("a"))
                .module("b", scm("b"));
    }

    /** A random {@code <scm>} of this POM: often none, sometimes one on another host or with two repositories. */
    private String scm(String module) {
        if (random.nextInt(module.equals("root") ? 4 : 2) == 0) {
            return random.nextBoolean() ? "" : "<scm><tag>HEAD</tag></scm>";
        }
        Set<String> names = new LinkedHashSet<>();
        List<String> elements = new ArrayList<>(List.of("developerConnection", "connection", "url"));
        elements.removeIf(element -> random.nextBoolean());
        String name = pick(NAMES);
        StringBuilder xml = new StringBuilder("<scm>");
        for (String element : elements) {
            String named = random.nextInt(12) == 0 ? pick(NAMES) : name;
            String address = pick(FORMS.subList(0, 3)).formatted(named);
            if (random.nextInt(10) == 0) {
                address = "https://github.com/" + named;
            } else {
                names.add(named);
            }
            xml.append("<%s>%s%s</%s>"
                    .formatted(
                            element,
                            element.equals("url") ? "" : "scm:git:",
                            random.nextBoolean() ? address : address.replace("bitbucket.org", "${base}"),
                            element));
        }
        if (!elements.isEmpty()) {
            scm.put(module, names);
        }
        return xml.append("</scm>").toString();
    }

    /** Random remotes, and a branch that may belong to one of them. */
    private String remotes() {
        current.clear();
        remotes.clear();
        Map<String, Set<String>> byName = new TreeMap<>();
        StringBuilder config = new StringBuilder();
        for (String name : List.of("origin", "upstream", "hub")) {
            if (random.nextInt(3) > 0) {
                continue;
            }
            String repository = pick(NAMES);
            boolean isForeign = random.nextInt(6) == 0;
            Set<String> named = new LinkedHashSet<>();
            config.append("[remote \"").append(name).append("\"]\n\turl = ");
            config.append(
                            isForeign
                                    ? "https://github.com/" + repository
                                    : pick(FORMS).formatted(repository))
                    .append('\n');
            if (random.nextInt(8) == 0) {
                String pushed = pick(NAMES);
                config.append("\tpushurl = ")
                        .append(pick(FORMS).formatted(pushed))
                        .append('\n');
                named.add(pushed);
            }
            if (!isForeign) {
                named.add(repository);
            }
            byName.put(name, named);
            remotes.addAll(named);
        }
        Optional<String> tracked = byName.isEmpty() || random.nextBoolean()
                ? Optional.empty()
                : Optional.of(pick(List.copyOf(byName.keySet())));
        tracked.ifPresent(name ->
                config.append("[branch \"main\"]\n\tremote = ").append(name).append('\n'));
        Set<String> origin = byName.getOrDefault("origin", Set.of());
        Set<String> only = byName.size() == 1 ? byName.values().iterator().next() : origin;
        current.addAll(tracked.map(byName::get).orElse(only));
        if (!current.isEmpty()) {
            current.addAll(origin);
        }
        return config.toString();
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
