package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Parent;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.Repository;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;
import org.apache.maven.model.building.ModelBuilder;
import org.apache.maven.model.building.ModelBuildingException;
import org.apache.maven.model.building.ModelBuildingRequest;
import org.apache.maven.model.building.ModelBuildingResult;
import org.apache.maven.model.building.ModelSource;
import org.apache.maven.model.building.StringModelSource;
import org.apache.maven.model.resolution.ModelResolver;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * A random tree of POMs, made effective by Maven's own model builder. Each declaration of an execution leaves a mark in
 * its configuration. Maven merges configurations of what it takes for one execution, so that the effective marks say,
 * without any code of ours, which POMs an execution comes from.
 */
@SuppressWarnings("deprecation") // Maven's ModelResolver still has methods with ModelSource.
final class PomTree {
    private static final String GROUP = "g";
    private static final List<String> IDS = List.of("one", "two", "three-${number}");
    private static final List<String> PHASES = List.of("verify", "deploy", "deploy", "", "none", "never");
    private static final ModelBuilder BUILDER = new DefaultModelBuilderFactory().newInstance();

    private final Random random;
    private final Map<String, String> texts = new TreeMap<>();
    private final Map<String, Optional<String>> parents = new HashMap<>();
    private final List<MavenProject> modules = new ArrayList<>();

    private PomTree(Random random) {
        this.random = random;
    }

    /** A tree with one to six modules. Node 0 is a parent outside the reactor. */
    static PomTree random(Random random) {
        PomTree tree = new PomTree(random);
        tree.write();
        tree.build();
        return tree;
    }

    /** The modules in an order that Maven could build them in: parents first. */
    List<MavenProject> modules() {
        return List.copyOf(modules);
    }

    /** The plugin's executions in a module, from Maven's effective model. */
    static List<PluginExecution> executions(MavenProject module) {
        Plugin plugin = module.getPlugin(ReactorAdvice.PLUGIN);
        return plugin == null ? List.of() : plugin.getExecutions();
    }

    /** The topmost of the POMs that an effective execution comes from. */
    static String origin(PluginExecution execution) {
        Xpp3Dom marks = ((Xpp3Dom) execution.getConfiguration()).getChild("marks");
        String top = marks.getChild(0).getName();
        for (Xpp3Dom mark : marks.getChildren()) {
            // Nodes are numbered from the top: of one line of ancestors the lowest number is the topmost.
            top = mark.getName().compareTo(top) < 0 ? mark.getName() : top;
        }
        return top;
    }

    private void write() {
        int nodes = 2 + random.nextInt(6);
        for (int i = 0; i < nodes; i++) {
            String name = "n" + i;
            Optional<String> parent = i == 0 || random.nextInt(12) == 0
                    ? Optional.empty()
                    : Optional.of("n" + (i == 1 || random.nextInt(3) > 0 ? Math.min(i - 1, 1) : random.nextInt(i)));
            parents.put(name, parent);
            texts.put(name, pom(name, parent));
        }
    }

    private String pom(String name, Optional<String> parent) {
        return "<project><modelVersion>4.0.0</modelVersion>"
                + parent.map(id -> "<parent><groupId>g</groupId><artifactId>" + id
                                + "</artifactId><version>1</version><relativePath/></parent>")
                        .orElse("<groupId>g</groupId><version>1</version>")
                + "<artifactId>" + name + "</artifactId><packaging>pom</packaging>"
                + "<properties><number>3</number></properties>"
                + "<build>" + sections(name) + "</build>"
                + "<profiles>" + profile(name, "on", true) + profile(name, "off", false) + "</profiles></project>";
    }

    private String profile(String name, String id, boolean isActive) {
        return random.nextInt(4) > 0
                ? ""
                : "<profile><id>" + id + "</id><activation><activeByDefault>" + isActive
                        + "</activeByDefault></activation><build>" + sections(name) + "</build></profile>";
    }

    private String sections(String name) {
        return (random.nextInt(4) == 0
                        ? "<pluginManagement><plugins>" + plugin(name) + "</plugins></pluginManagement>"
                        : "")
                + (random.nextInt(3) > 0 ? "<plugins>" + plugin(name) + "</plugins>" : "");
    }

    private String plugin(String name) {
        StringBuilder text = new StringBuilder("<plugin><groupId>io.github.bitbucketpipelines</groupId>"
                + "<artifactId>bitbucket-pipelines-maven-plugin</artifactId><version>1</version>");
        if (random.nextInt(10) == 0) {
            text.append("<inherited>false</inherited>");
        }
        text.append("<executions>");
        for (String id : IDS) {
            if (random.nextInt(4) == 0) {
                text.append(execution(name, id));
            }
        }
        return text.append("</executions></plugin>").toString();
    }

    private String execution(String name, String id) {
        String phase = PHASES.get(random.nextInt(PHASES.size()));
        return "<execution><id>" + id + "</id>"
                + (phase.isEmpty() ? "" : "<phase>" + phase + "</phase>")
                + (random.nextInt(10) == 0 ? "<inherited>false</inherited>" : "")
                + "<goals><goal>run</goal></goals><configuration><marks><" + name + "/></marks>"
                + (random.nextInt(12) == 0 ? "<skip>true</skip>" : "") + "</configuration></execution>";
    }

    private void build() {
        Map<String, MavenProject> projects = new HashMap<>();
        texts.keySet().forEach(name -> projects.put(name, project(name, projects)));
        texts.keySet().stream().skip(1).forEach(name -> modules.add(projects.get(name)));
    }

    private MavenProject project(String name, Map<String, MavenProject> projects) {
        try {
            ModelBuildingResult result = BUILDER.build(request(name));
            MavenProject project = new MavenProject(result.getEffectiveModel());
            project.setOriginalModel(result.getRawModel());
            result.getModelIds()
                    .forEach(id -> project.setInjectedProfileIds(
                            id,
                            result.getActivePomProfiles(id).stream()
                                    .map(profile -> profile.getId())
                                    .toList()));
            parents.get(name).ifPresent(parent -> project.setParent(projects.get(parent)));
            return project;
        } catch (ModelBuildingException e) {
            throw new IllegalStateException(texts.get(name), e);
        }
    }

    private ModelBuildingRequest request(String name) {
        return new DefaultModelBuildingRequest()
                .setModelSource(new StringModelSource(texts.get(name), name))
                .setModelResolver(new Texts())
                .setValidationLevel(ModelBuildingRequest.VALIDATION_LEVEL_MINIMAL)
                .setProcessPlugins(true)
                .setSystemProperties(new Properties());
    }

    @Override
    public String toString() {
        return String.join("\n", texts.values());
    }

    /** Resolves a parent among the texts. */
    private final class Texts implements ModelResolver {
        @Override
        public ModelSource resolveModel(String groupId, String artifactId, String version) {
            return new StringModelSource(texts.get(artifactId), GROUP + ":" + artifactId);
        }

        @Override
        public ModelSource resolveModel(Parent parent) {
            return resolveModel(parent.getGroupId(), parent.getArtifactId(), parent.getVersion());
        }

        @Override
        public ModelSource resolveModel(Dependency dependency) {
            throw new IllegalStateException("No POM here has a dependency");
        }

        @Override
        public void addRepository(Repository repository) {}

        @Override
        public void addRepository(Repository repository, boolean replace) {}

        @Override
        public ModelResolver newCopy() {
            return this;
        }
    }
}
