package io.github.bitbucketpipelines.maven.witness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A random reactor on disk, and how it is built. {@code n0} is a parent outside the reactor, {@code n1} the root, the
 * others are modules. The witness's copy is the same but for the marks, which name the POMs that declare an execution.
 */
final class WitnessReactor {
    /** The goal of each execution id. */
    static final Map<String, String> GOALS = Map.of("one", "trigger", "two", "trigger", "three", "run");

    private static final List<String> IDS = List.of("one", "two", "three");
    private static final List<String> PHASES = List.of(
            "<phase>verify</phase>",
            "<phase>deploy</phase>",
            "<phase>deploy</phase>",
            "<phase>package</phase>",
            "",
            "",
            "<phase>none</phase>",
            "<phase>never</phase>",
            "<phase/>");
    private static final List<String> MODES = List.of("auto", "auto", "last", "first", "every");
    // Neither is installed or deployed, which keeps a build short.
    private static final String NOT_DEPLOYED = unbound("install", "2.5.2") + unbound("deploy", "3.2.0");

    private final Random random;
    private final String version;
    private final Map<String, String> modes = new HashMap<>();
    private final List<String> marked = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private final boolean ownValues;
    private final int failing;

    WitnessReactor(long seed, String version) {
        random = new Random(seed);
        this.version = version;
        IDS.forEach(id -> modes.put(id, MODES.get(random.nextInt(MODES.size()))));
        int nodes = 3 + random.nextInt(5);
        ownValues = random.nextBoolean();
        failing = random.nextInt(6) == 0 ? 1 + random.nextInt(nodes - 1) : -1;
        for (int i = 0; i < nodes; i++) {
            marked.add(pom(i, nodes));
        }
        chooseArguments(nodes);
    }

    /** The parameter reactor of an execution. */
    String mode(String id) {
        return modes.get(id);
    }

    /** The phases and options that the user types. */
    List<String> arguments() {
        return List.copyOf(arguments);
    }

    boolean failsNever() {
        return arguments.contains("-fn");
    }

    /** Writes the POMs. */
    void write(Path directory, boolean withMarks) throws IOException {
        // Without it Maven 4 takes the checkout around it for the root of the project.
        Files.createDirectories(directory.resolve(".mvn"));
        for (int i = 0; i < marked.size(); i++) {
            Path pom = directory.resolve(i == 1 ? "" : "n" + i).resolve("pom.xml");
            Files.createDirectories(pom.getParent());
            Files.writeString(pom, withMarks ? marked.get(i) : marked.get(i).replaceAll("<marks>.*?</marks>", ""));
        }
    }

    private void chooseArguments(int nodes) {
        switch (random.nextInt(10)) {
            case 0, 1 -> arguments.add("verify");
            case 2 -> arguments.addAll(List.of("verify", "deploy"));
            default -> arguments.add("deploy");
        }
        if (random.nextInt(4) == 0) {
            arguments.addAll(List.of("-T", "3"));
        }
        switch (random.nextInt(8)) {
            case 0 -> arguments.add("-fae");
            case 1 -> arguments.add("-fn");
            default -> {}
        }
        int module = 2 + random.nextInt(nodes - 2);
        switch (random.nextInt(12)) {
            case 0 -> arguments.addAll(List.of("-pl", "n" + module));
            case 1 -> arguments.addAll(List.of("-rf", ":n" + module));
            case 2 -> arguments.addAll(List.of("-pl", "n" + module, "-am"));
            default -> {}
        }
    }

    private String pom(int node, int nodes) {
        String name = "n" + node;
        Optional<Integer> parent = node == 0 || node > 1 && random.nextInt(12) == 0
                ? Optional.empty()
                : Optional.of(node == 1 ? 0 : random.nextInt(3) > 0 ? 1 : random.nextInt(node));
        StringBuilder text = new StringBuilder(
                "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">" + "<modelVersion>4.0.0</modelVersion>");
        text.append(parent.map(id -> "<parent><groupId>g</groupId><artifactId>n" + id
                        + "</artifactId><version>1</version><relativePath>" + path(node, id)
                        + "</relativePath></parent>")
                .orElse("<groupId>g</groupId><version>1</version>"));
        text.append("<artifactId>" + name + "</artifactId><packaging>pom</packaging>");
        if (node == 1) {
            text.append("<modules>");
            for (int i = 2; i < nodes; i++) {
                text.append("<module>n" + i + "</module>");
            }
            text.append("</modules>");
        }
        text.append(random.nextInt(12) == 0 ? "<properties><bitbucket.skip>true</bitbucket.skip></properties>" : "");
        // A dependency on an earlier module or none: it moves modules in the order of the reactor.
        if (node > 2 && random.nextInt(5) == 0) {
            text.append("<dependencies><dependency><groupId>g</groupId><artifactId>n" + (2 + random.nextInt(node - 2))
                    + "</artifactId><version>1</version><type>pom</type></dependency></dependencies>");
        }
        text.append("<build>" + sections(name, node, parent.isEmpty()) + "</build>");
        text.append("<profiles>" + profile(name, "on", true) + profile(name, "off", false) + "</profiles></project>");
        return text.toString();
    }

    private static String path(int node, int parent) {
        String up = node == 1 ? "" : "../";
        return up + (parent == 1 ? "pom.xml" : "n" + parent + "/pom.xml");
    }

    private String profile(String name, String id, boolean isActive) {
        return random.nextInt(5) > 0
                ? ""
                : "<profile><id>" + name + id + "</id><activation><activeByDefault>" + isActive
                        + "</activeByDefault></activation><build>" + sections(name, -1, false) + "</build></profile>";
    }

    private String sections(String name, int node, boolean isTop) {
        String management = random.nextInt(4) == 0
                ? "<pluginManagement><plugins>" + plugin(name) + "</plugins></pluginManagement>"
                : "";
        String plugins = (random.nextInt(3) > 0 ? plugin(name) : "") + interfering(node) + (isTop ? NOT_DEPLOYED : "");
        return management + (plugins.isEmpty() ? "" : "<plugins>" + plugins + "</plugins>");
    }

    private String interfering(int node) {
        String executions = "";
        if (node > 0 && random.nextInt(10) == 0) {
            executions += "<execution><id>skip" + node + "</id><inherited>false</inherited><phase>initialize</phase>"
                    + "<goals><goal>interfere</goal></goals></execution>";
        }
        if (node > 0 && node == failing) {
            String phase = List.of("validate", "package", "deploy").get(random.nextInt(3));
            executions += "<execution><id>fail" + node + "</id><inherited>false</inherited><phase>" + phase
                    + "</phase><goals><goal>interfere</goal></goals>"
                    + "<configuration><fail>true</fail></configuration></execution>";
        }
        return executions.isEmpty()
                ? ""
                : "<plugin>" + WitnessPlugins.INTERFERING + "<executions>" + executions + "</executions></plugin>";
    }

    private static String unbound(String name, String version) {
        return "<plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-" + name
                + "-plugin</artifactId><version>" + version + "</version><executions><execution><id>default-" + name
                + "</id><phase>none</phase></execution></executions></plugin>";
    }

    private String plugin(String name) {
        StringBuilder text = new StringBuilder("<plugin><groupId>io.github.bitbucketpipelines</groupId>"
                + "<artifactId>bitbucket-pipelines-maven-plugin</artifactId><version>" + version + "</version>");
        text.append(random.nextInt(12) == 0 ? "<inherited>false</inherited>" : "");
        text.append("<executions>");
        for (String id : IDS) {
            if (random.nextInt(id.equals("three") ? 8 : 3) == 0) {
                text.append(execution(name, id));
            }
        }
        return text.append("</executions></plugin>").toString();
    }

    private String execution(String name, String id) {
        String what = ownValues && random.nextBoolean() ? "${project.artifactId}" : "same";
        return "<execution><id>" + id + "</id>" + PHASES.get(random.nextInt(PHASES.size()))
                + (random.nextInt(12) == 0 ? "<inherited>false</inherited>" : "")
                + "<goals><goal>" + GOALS.get(id) + "</goal></goals><configuration><marks><" + name + "/></marks>"
                + "<reactor>" + mode(id) + "</reactor>"
                + "<variables><ID>" + id + "</ID><WHAT>" + what + "</WHAT></variables>"
                + (random.nextInt(15) == 0 ? "<skip>true</skip>" : "") + "</configuration></execution>";
    }
}
