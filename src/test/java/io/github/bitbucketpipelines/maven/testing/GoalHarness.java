package io.github.bitbucketpipelines.maven.testing;

import io.github.bitbucketpipelines.maven.mojo.SessionTime;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.maven.DefaultMaven;
import org.apache.maven.execution.DefaultMavenExecutionRequest;
import org.apache.maven.execution.DefaultMavenExecutionResult;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.lifecycle.MavenExecutionPlan;
import org.apache.maven.lifecycle.internal.DefaultMojoExecutionConfigurator;
import org.apache.maven.lifecycle.internal.ExecutionPlanItem;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;
import org.apache.maven.model.building.ModelBuildingException;
import org.apache.maven.model.building.ModelBuildingResult;
import org.apache.maven.model.building.UrlModelSource;
import org.apache.maven.plugin.AbstractMojoExecutionException;
import org.apache.maven.plugin.Mojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.PluginParameterExpressionEvaluator;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptorBuilder;
import org.apache.maven.plugin.logging.Log;
import org.apache.maven.project.MavenProject;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.crypto.DefaultSettingsDecrypter;
import org.codehaus.plexus.classworlds.ClassWorld;
import org.codehaus.plexus.classworlds.realm.ClassRealm;
import org.codehaus.plexus.classworlds.realm.DuplicateRealmException;
import org.codehaus.plexus.component.configurator.BasicComponentConfigurator;
import org.codehaus.plexus.component.configurator.ComponentConfigurationException;
import org.codehaus.plexus.component.configurator.expression.ExpressionEvaluationException;
import org.codehaus.plexus.configuration.PlexusConfigurationException;
import org.codehaus.plexus.configuration.xml.XmlPlexusConfiguration;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.cipher.PlexusCipherException;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;

/**
 * Executes goals as Maven does, in this JVM: POMs from the disk by Maven's model builder, the plugin's own descriptor,
 * parameters by Maven's evaluator and configurator, and an embedded Bitbucket behind real HTTP. A goal is known by its
 * name alone. Time passes only when a goal sleeps.
 *
 * <p>At first there is one POM without a configuration, a server {@code bitbucket.org} in the settings, and on the command
 * line the address of the embedded Bitbucket and its repository {@code acme/shop}, which has a branch {@code main}, a tag
 * {@code v1.0.0}, and #42 as its next run. No execution may show one of the harness's secrets. Several threads may execute
 * goals at once; standard output is the harness's until it is closed.
 */
public final class GoalHarness implements AutoCloseable {
    public static final String USER = "build@example.com";
    public static final String API_TOKEN = "an-api-token-that-no-log-may-show";
    public static final String ACCESS_TOKEN = "an-access-token-that-no-log-may-show";
    public static final String HEAD = "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4";

    private static final PluginDescriptor PLUGIN = descriptor();
    private static final ClassRealm REALM = realm();

    private final Path root;
    private final ManualClock time = new ManualClock(Instant.now());
    private final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(time);
    private final PrintStream standardOutput = System.out;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final MavenExecutionRequest request = new DefaultMavenExecutionRequest();
    private final DefaultSecDispatcher dispatcher;
    private final Map<String, String> poms = new LinkedHashMap<>();
    private final List<String> secrets =
            new ArrayList<>(List.of(API_TOKEN, ACCESS_TOKEN, base64(USER + ":" + API_TOKEN)));
    private boolean hasPom = true;
    private boolean inTrueTime;
    private ClassLoader loader = GoalHarness.class.getClassLoader();
    private DefaultRepositorySystemSession repositorySession = MavenRepositorySystemUtils.newSession();
    private Optional<MavenSession> session = Optional.empty();

    /** Starts the embedded Bitbucket; the POMs will be in this directory. */
    public GoalHarness(Path root) {
        this.root = root;
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        dispatcher = new DefaultSecDispatcher(
                new DefaultPlexusCipher(),
                Map.of(),
                root.resolve("settings-security.xml").toString());
        bitbucket.acceptBasic(USER, API_TOKEN);
        bitbucket.acceptBearer(ACCESS_TOKEN);
        shop().branch("main", HEAD).tag("v1.0.0", HEAD).nextBuildNumber(42);
        request.setBaseDirectory(root.toFile());
        request.setMultiModuleProjectDirectory(root.toFile());
        request.setInteractiveMode(false);
        request.setGoals(List.of("deploy"));
        Properties system = new Properties();
        system.putAll(System.getProperties());
        system.setProperty("user.dir", root.toString());
        request.setSystemProperties(system);
        request.setUserProperties(new Properties());
        server("bitbucket.org", USER, API_TOKEN);
        property("bitbucket.apiUrl", bitbucket.apiUrl().toString());
        property("bitbucket.repository", "acme/shop");
        project("");
    }

    public EmbeddedBitbucket bitbucket() {
        return bitbucket;
    }

    /** The repository acme/shop. */
    public EmbeddedRepository shop() {
        return bitbucket.repository("acme", "shop");
    }

    public ManualClock time() {
        return time;
    }

    public Path root() {
        return root;
    }

    /** Where a goal of the root project writes, unless it is configured otherwise. */
    public Path outputDirectory() {
        return root.resolve("target/bitbucket-pipelines");
    }

    /** Lets the goals go by the true time: sockets stall in no other, and another class realm has a clock of its own. */
    public GoalHarness inTrueTime() {
        inTrueTime = true;
        return this;
    }

    /** Lets this class loader load the goals that are executed from now on. */
    public GoalHarness loadedBy(ClassLoader loader) {
        this.loader = loader;
        return this;
    }

    /** Gives {@code -Dname=value}. */
    public GoalHarness property(String name, String value) {
        request.getUserProperties().setProperty(name, value);
        return this;
    }

    /** Takes a {@code -D} back. */
    public GoalHarness without(String name) {
        request.getUserProperties().remove(name);
        return this;
    }

    /** Sets a variable of the environment in which Maven was started; there is no other one. */
    public GoalHarness environment(String name, String value) {
        request.getSystemProperties().setProperty("env." + name, value);
        return this;
    }

    /** The names of the JSON files in the output directory, sorted. */
    public List<String> jsonFiles() throws IOException {
        try (Stream<Path> files = Files.list(outputDirectory())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    /** Sets what is typed after {@code mvn}; at first it is {@code deploy}. With a goal alone, no execution of a POM is to come. */
    public GoalHarness tasks(String... typed) {
        request.setGoals(List.of(typed));
        return this;
    }

    /** What Maven was started with, to be changed. */
    public MavenExecutionRequest request() {
        return request;
    }

    /** The session that the next build has, to be changed. */
    public DefaultRepositorySystemSession repositorySession() {
        return repositorySession;
    }

    /** Puts a server in place of all those in the settings; a null is an element that is not there. */
    public Server server(String id, String username, String password) {
        Server server = new Server();
        server.setId(id);
        server.setUsername(username);
        server.setPassword(password);
        request.setServers(List.of(server));
        return server;
    }

    /** Adds a server with an access token to those in the settings. */
    public GoalHarness accessToken(String id, String token) {
        List<Server> others = request.getServers();
        server(id, null, token);
        List<Server> all = new ArrayList<>(others);
        all.addAll(request.getServers());
        request.setServers(all);
        bitbucket.acceptBearer(token);
        return secret(token);
    }

    /** Takes all servers out of the settings. */
    public GoalHarness withoutServers() {
        request.setServers(List.of());
        return this;
    }

    /** Writes settings-security.xml with a master password, and gives this password encrypted with it. */
    public String encrypted(String password) throws PlexusCipherException, IOException {
        DefaultPlexusCipher cipher = new DefaultPlexusCipher();
        String master = cipher.encryptAndDecorate("master", DefaultSecDispatcher.SYSTEM_PROPERTY_SEC_LOCATION);
        Files.writeString(
                root.resolve("settings-security.xml"),
                "<settingsSecurity><master>" + master + "</master></settingsSecurity>");
        return cipher.encryptAndDecorate(password, "master");
    }

    /** No execution may show this either. */
    public GoalHarness secret(String text) {
        secrets.add(text);
        return this;
    }

    /** Writes the root's POM: these elements after its coordinates. */
    public GoalHarness project(String elements) {
        return write(
                "",
                "<groupId>com.acme</groupId><artifactId>root</artifactId><version>1</version>"
                        + "<packaging>pom</packaging>" + elements);
    }

    /** Writes the POM of one more module, a child of the root's. */
    public GoalHarness module(String name, String elements) {
        return write(
                name,
                "<parent><groupId>com.acme</groupId><artifactId>root</artifactId><version>1</version></parent>"
                        + "<artifactId>" + name + "</artifactId>" + elements);
    }

    /** Writes the POM of one more module, with these elements alone; the root's project is its parent in Maven. */
    public GoalHarness pom(String directory, String elements) {
        return write(directory, elements);
    }

    private GoalHarness write(String directory, String elements) {
        String pom = "<project><modelVersion>4.0.0</modelVersion>" + elements + "</project>";
        poms.put(directory, pom);
        try {
            Files.createDirectories(root.resolve(directory));
            Files.writeString(root.resolve(directory).resolve("pom.xml"), pom);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Lets Maven run where there is no POM. */
    public GoalHarness withoutPom() throws IOException {
        hasPom = false;
        Files.delete(root.resolve("pom.xml"));
        return this;
    }

    /** A build section with the plugin, which has these elements. */
    public static String plugin(String elements) {
        return "<build><plugins><plugin><groupId>" + PLUGIN.getGroupId() + "</groupId><artifactId>"
                + PLUGIN.getArtifactId() + "</artifactId><version>1</version>" + elements
                + "</plugin></plugins></build>";
    }

    /** A build section with one execution of the plugin. */
    public static String execution(String id, String goal, String configuration) {
        return plugin("<executions><execution><id>" + id + "</id><phase>deploy</phase><goals><goal>" + goal
                + "</goal></goals><configuration>" + configuration + "</configuration></execution></executions>");
    }

    /** The parameters of a goal that have a property, with their types. */
    public static Map<String, String> parameters(String goal) {
        return PLUGIN.getMojo(goal).getParameters().stream()
                .filter(Parameter::isEditable)
                .filter(parameter -> !parameter.getName().matches("variables|securedVariables|runs"))
                .collect(Collectors.toMap(Parameter::getName, Parameter::getType));
    }

    /** The session of this build; it begins with the first call. */
    @SuppressWarnings("deprecation") // Maven itself has no other constructor
    public synchronized MavenSession session() {
        if (session.isEmpty()) {
            MavenSession fresh = new MavenSession(null, repositorySession, request, new DefaultMavenExecutionResult());
            fresh.setProjects(projects());
            SessionTime.set(fresh, inTrueTime ? Clock.systemUTC() : time, inTrueTime ? Sleeper.real() : time);
            session = Optional.of(fresh);
        }
        return session.get();
    }

    /** Ends the build as Maven does, before it says how the build went. */
    public void endBuild() {
        request.getExecutionListener().sessionEnded(null);
    }

    /** Lets another build begin, in the same directory. */
    public synchronized GoalHarness newBuild() {
        session = Optional.empty();
        repositorySession = MavenRepositorySystemUtils.newSession();
        return this;
    }

    /** A project of this build, by its artifactId. */
    public MavenProject projectCalled(String artifactId) {
        return session().getProjects().stream()
                .filter(project -> project.getArtifactId().equals(artifactId))
                .findFirst()
                .orElseThrow();
    }

    /** Evaluates a text as Maven does for a parameter of a later plugin in the root project. */
    public Object evaluated(String text) throws ExpressionEvaluationException {
        return new PluginParameterExpressionEvaluator(
                        session(), new MojoExecution(PLUGIN.getMojo("help"), "later", MojoExecution.Source.CLI))
                .evaluate(text);
    }

    /** Executes a goal as if it was typed, in the root project. */
    public GoalResult execute(String goal) {
        return execute(goal, session().getProjects().get(0), "default-cli", MojoExecution.Source.CLI);
    }

    /** Executes a goal as if it was typed with an execution's id, in the root project. */
    public GoalResult executeTyped(String goal, String executionId) {
        return execute(goal, session().getProjects().get(0), executionId, MojoExecution.Source.CLI);
    }

    /** Executes a goal that a project's POM binds to a phase. */
    public GoalResult execute(String goal, String artifactId, String executionId) {
        return execute(goal, projectCalled(artifactId), executionId, MojoExecution.Source.LIFECYCLE);
    }

    private GoalResult execute(String goal, MavenProject project, String id, MojoExecution.Source source) {
        // As Maven does: modules may be built side by side.
        MavenSession maven = session().clone();
        maven.setCurrentProject(project);
        MojoExecution execution = new MojoExecution(PLUGIN.getMojo(goal), id, source);
        new DefaultMojoExecutionConfigurator().configure(project, execution, source == MojoExecution.Source.CLI);
        execution.setConfiguration(complete(execution.getConfiguration(), execution.getMojoDescriptor()));

        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Optional<AbstractMojoExecutionException> thrown = Optional.empty();
        int begin = output.size();
        try {
            Mojo mojo = configured(instance(execution.getMojoDescriptor(), maven), execution, maven);
            mojo.setLog(log(lines));
            mojo.execute();
        } catch (AbstractMojoExecutionException e) {
            synchronized (maven.getResult()) {
                maven.getResult().addException(e);
            }
            thrown = Optional.of(e);
        }
        byte[] all = output.toByteArray();
        String printed = new String(all, begin, all.length - begin, StandardCharsets.UTF_8);
        GoalResult result = new GoalResult(List.copyOf(lines), printed, thrown);
        checkSecrets(result);
        return result;
    }

    private void checkSecrets(GoalResult result) {
        String shown = result.console()
                + result.output()
                + result.exception().map(Throwable::toString).orElse("");
        for (String secret : secrets) {
            fail(shown.contains(secret), "A secret was shown:\n" + shown);
        }
    }

    /** Logs of steps are written as they came; no other file and no file's name may have a secret. */
    private void checkFiles() {
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> written = files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("bitbucket-pipelines" + File.separator))
                    .toList();
            for (Path file : written) {
                String text = file.getParent().endsWith("logs") ? "" : Files.readString(file);
                for (String secret : secrets) {
                    fail((file + text).contains(secret), "A secret was written into " + file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fail(boolean condition, String message) {
        if (condition) {
            throw new AssertionError(message);
        }
    }

    /** The requests that triggered runs. */
    public List<RecordedRequest> triggers() {
        return bitbucket.requests().stream()
                .filter(received ->
                        received.method().equals("POST") && received.path().endsWith("/pipelines"))
                .toList();
    }

    /** What a file has that a goal of the root project wrote. */
    public String written(String name) throws IOException {
        return Files.readString(outputDirectory().resolve(name));
    }

    /** Ends it; fails where an execution wrote a secret. */
    @Override
    public void close() {
        System.setOut(standardOutput);
        bitbucket.close();
        checkFiles();
    }

    @SuppressWarnings("deprecation") // Maven itself reads its standalone POM like this
    private List<MavenProject> projects() {
        List<MavenProject> projects = new ArrayList<>();
        try {
            if (!hasPom) {
                DefaultModelBuildingRequest standalone = modelRequest();
                standalone.setModelSource(new UrlModelSource(DefaultMaven.class.getResource("project/standalone.xml")));
                projects.add(new MavenProject(build(standalone).getEffectiveModel()));
                return projects;
            }
            for (String directory : poms.keySet()) {
                DefaultModelBuildingRequest fromDisk = modelRequest();
                Path pom = root.resolve(directory).resolve("pom.xml");
                fromDisk.setPomFile(pom.toFile());
                ModelBuildingResult built = build(fromDisk);
                MavenProject project = new MavenProject(built.getEffectiveModel());
                project.setOriginalModel(built.getRawModel());
                project.setFile(pom.toFile());
                if (!projects.isEmpty()) {
                    project.setParent(projects.get(0));
                }
                projects.add(project);
            }
            return projects;
        } catch (ModelBuildingException e) {
            throw new IllegalStateException(e);
        }
    }

    private DefaultModelBuildingRequest modelRequest() {
        DefaultModelBuildingRequest building = new DefaultModelBuildingRequest();
        building.setSystemProperties(request.getSystemProperties());
        building.setUserProperties(request.getUserProperties());
        building.setProcessPlugins(true);
        building.setLocationTracking(true);
        return building;
    }

    private static ModelBuildingResult build(DefaultModelBuildingRequest building) throws ModelBuildingException {
        return new DefaultModelBuilderFactory().newInstance().build(building);
    }

    /** As Maven does: for each parameter of the goal what is configured, else its default; the rest is left out. */
    private static Xpp3Dom complete(Xpp3Dom configured, MojoDescriptor goal) {
        Xpp3Dom defaults = goal.getMojoConfiguration() instanceof XmlPlexusConfiguration
                ? dom((XmlPlexusConfiguration) goal.getMojoConfiguration())
                : new Xpp3Dom("configuration");
        Xpp3Dom complete = new Xpp3Dom("configuration");
        for (Parameter parameter : goal.getParameters()) {
            Xpp3Dom given = configured == null ? null : configured.getChild(parameter.getName());
            Xpp3Dom merged = Xpp3Dom.mergeXpp3Dom(given, defaults.getChild(parameter.getName()), Boolean.TRUE);
            if (merged != null) {
                Xpp3Dom value = new Xpp3Dom(merged, parameter.getName());
                if (value.getAttribute("implementation") == null && parameter.getImplementation() != null) {
                    value.setAttribute("implementation", parameter.getImplementation());
                }
                complete.addChild(value);
            }
        }
        return complete;
    }

    private static Xpp3Dom dom(XmlPlexusConfiguration configuration) {
        Xpp3Dom dom = new Xpp3Dom(configuration.getName());
        dom.setValue(configuration.getValue(null));
        for (String name : configuration.getAttributeNames()) {
            dom.setAttribute(name, configuration.getAttribute(name));
        }
        for (int i = 0; i < configuration.getChildCount(); i++) {
            dom.addChild(dom((XmlPlexusConfiguration) configuration.getChild(i)));
        }
        return dom;
    }

    private Mojo instance(MojoDescriptor goal, MavenSession maven) {
        try {
            Class<?> type = Class.forName(goal.getImplementation(), true, loader);
            Constructor<?> constructor = Arrays.stream(type.getConstructors())
                    .filter(each -> each.isAnnotationPresent(Inject.class))
                    .findFirst()
                    .orElseGet(() -> type.getConstructors()[0]);
            Object[] arguments = Arrays.stream(constructor.getParameterTypes())
                    .map(parameter -> component(parameter, maven))
                    .toArray();
            return (Mojo) constructor.newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What Maven injects. */
    private Object component(Class<?> type, MavenSession maven) {
        return List.of(new DefaultSettingsDecrypter(dispatcher), maven, lifecycle()).stream()
                .filter(type::isInstance)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("The harness has no " + type));
    }

    /** Calculates the plan of a module as Maven does for phase deploy: what its POM binds to a phase that exists. */
    private static LifecycleExecutor lifecycle() {
        return (LifecycleExecutor) Proxy.newProxyInstance(
                LifecycleExecutor.class.getClassLoader(),
                new Class<?>[] {LifecycleExecutor.class},
                (proxy, method, arguments) -> {
                    if (!method.getName().equals("calculateExecutionPlan")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return new MavenExecutionPlan(
                            plan(((MavenSession) arguments[0]).getCurrentProject()).stream()
                                    .map(ExecutionPlanItem::new)
                                    .toList(),
                            null);
                });
    }

    private static List<MojoExecution> plan(MavenProject project) {
        List<MojoExecution> plan = new ArrayList<>();
        Plugin plugin = project.getPlugin(PLUGIN.getGroupId() + ":" + PLUGIN.getArtifactId());
        for (PluginExecution execution : plugin == null ? List.<PluginExecution>of() : plugin.getExecutions()) {
            if ("deploy".equals(execution.getPhase())) {
                execution
                        .getGoals()
                        .forEach(goal -> plan.add(new MojoExecution(
                                PLUGIN.getMojo(goal), execution.getId(), MojoExecution.Source.LIFECYCLE)));
            }
        }
        return plan;
    }

    private Mojo configured(Mojo mojo, MojoExecution execution, MavenSession maven) {
        try {
            new BasicComponentConfigurator()
                    .configureComponent(
                            mojo,
                            new XmlPlexusConfiguration(execution.getConfiguration()),
                            new PluginParameterExpressionEvaluator(maven, execution),
                            REALM,
                            null);
            return mojo;
        } catch (ComponentConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As the header of Basic authentication has it. */
    public static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Log log(List<String> lines) {
        return (Log) Proxy.newProxyInstance(
                Log.class.getClassLoader(), new Class<?>[] {Log.class}, (proxy, method, arguments) -> {
                    if (method.getReturnType() == boolean.class) {
                        return true;
                    }
                    String level = method.getName().equals("warn")
                            ? "WARNING"
                            : method.getName().toUpperCase(Locale.ROOT);
                    lines.add("[" + level + "] " + arguments[0]);
                    return null;
                });
    }

    private static PluginDescriptor descriptor() {
        try (InputStream file = GoalHarness.class.getResourceAsStream("/META-INF/maven/plugin.xml");
                Reader reader = new InputStreamReader(file, StandardCharsets.UTF_8)) {
            PluginDescriptor descriptor = new PluginDescriptorBuilder().build(reader);
            Plugin plugin = new Plugin();
            plugin.setGroupId(descriptor.getGroupId());
            plugin.setArtifactId(descriptor.getArtifactId());
            plugin.setVersion(descriptor.getVersion());
            descriptor.setPlugin(plugin);
            return descriptor;
        } catch (IOException | PlexusConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ClassRealm realm() {
        try {
            return new ClassWorld().newRealm("plugin", GoalHarness.class.getClassLoader());
        } catch (DuplicateRealmException e) {
            throw new IllegalStateException(e);
        }
    }
}
