package io.github.bitbucketpipelines.maven.testing;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Support for the scripts of the integration tests: an embedded Bitbucket for each test with the accounts of {@code
 * src/it/settings.xml}, and the assertions of {@code verify.groovy}.
 */
public final class InvokerBitbucket implements AutoCloseable {
    /** The e-mail and API token of server {@code bitbucket.org}. */
    public static final String USER = "build@example.com";

    public static final String API_TOKEN = "an-api-token-that-no-log-may-show";
    public static final String ACCESS_TOKEN = "an-access-token-that-no-log-may-show";
    public static final String CONSUMER_KEY = "consumer-key";
    public static final String CONSUMER_SECRET = "a-consumer-secret-that-no-log-may-show";
    /**
     * A bitbucket-pipelines.yml with a custom pipeline that declares variables, and one that another repository has.
     */
    public static final String DEFINITION = """
        pipelines:
          default:
            - step:
                script:
                  - mvn -B verify
          custom:
            deploy-to-production:
              - variables:
                  - name: VERSION
                    description: What to deploy
                  - name: ENVIRONMENT
                    default: staging
                    allowed-values:
                      - staging
                      - production
              - step:
                  script:
                    - ./deploy.sh
            shared:
              import: acme-pipelines:main:release
        """;

    private static final String KEY = "bitbucket";
    private static final String HEAD = "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4";

    private final ManualClock clock = new ManualClock(Clock.systemUTC());
    private final EmbeddedBitbucket embedded = EmbeddedBitbucket.start(clock);

    private InvokerBitbucket() {
        embedded.acceptBasic(USER, API_TOKEN);
        embedded.acceptBearer(ACCESS_TOKEN);
        embedded.oauthConsumer(CONSUMER_KEY, CONSUMER_SECRET, Duration.ofHours(1));
        shop().branch("main", HEAD).tag("v1.0.0", HEAD).nextBuildNumber(42);
    }

    /** Starts the server of this test, and passes its URL to Maven. */
    @SuppressWarnings("unchecked")
    public static InvokerBitbucket start(Map<String, Object> context) {
        InvokerBitbucket bitbucket = new InvokerBitbucket();
        Map<Object, Object> properties =
                (Map<Object, Object>) context.computeIfAbsent("userProperties", key -> new Properties());
        properties.put("bitbucket.apiUrl", bitbucket.embedded.apiUrl().toString());
        properties.put("it.tokenUrl", bitbucket.embedded.tokenUrl().toString());
        context.put(KEY, bitbucket);
        return bitbucket;
    }

    /** The server that was started for this test. */
    public static InvokerBitbucket of(Map<String, Object> context) {
        return (InvokerBitbucket) context.get(KEY);
    }

    /** The embedded Bitbucket. */
    public EmbeddedBitbucket embedded() {
        return embedded;
    }

    /** Moves Bitbucket's clock, so that no test depends on how fast the machine starts its builds. */
    public void forward(Duration time) {
        clock.forward(time);
    }

    /**
     * Writes settings into the test's directory: those of all tests, with these servers and proxies first. The file is
     * called {@code settings-TEST.xml}, since the Invoker copies it to the directory of the common settings.
     *
     * @param localRepository the machine's, which serves as Maven Central
     */
    public static void writeSettings(File basedir, String localRepository, String servers, String proxies)
            throws IOException {
        File shared = new File(basedir, "../../../src/it/settings.xml");
        String settings = Files.readString(shared.toPath())
                .replace(
                        "@localRepositoryUrl@",
                        new File(localRepository).toURI().toString())
                .replace("<servers>", "<proxies>" + proxies + "</proxies>\n  <servers>\n" + servers);
        Files.writeString(basedir.toPath().resolve("settings-" + basedir.getName() + ".xml"), settings);
    }

    /** The repository acme/shop, with branch main and tag v1.0.0; its next run is #42. */
    public EmbeddedRepository shop() {
        return embedded.repository("acme", "shop");
    }

    /** Queues the script of the next run. */
    public InvokerBitbucket next(RunScript script) {
        shop().next(script);
        return this;
    }

    /** Fails unless this many runs were created, and all requests matched an endpoint. */
    public InvokerBitbucket created(int runs) {
        check(embedded.created() == runs, embedded.created() + " runs were created, not " + runs);
        check(embedded.unknownRequests().isEmpty(), "unknown requests: " + embedded.unknownRequests());
        return this;
    }

    /** The bodies of all triggers received. */
    public List<String> triggers() {
        return embedded.requests().stream()
                .filter(request ->
                        request.method().equals("POST") && request.path().endsWith("/pipelines"))
                .map(RecordedRequest::body)
                .toList();
    }

    /**
     * Returns the console of the build, after checking that it has no secret, no stack trace and no validation problem of
     * Maven, and that the reports of the build are valid and have no secret.
     */
    public static String log(File basedir) throws IOException {
        String log = Files.readString(basedir.toPath().resolve("build.log"));
        for (String secret : List.of(API_TOKEN, ACCESS_TOKEN, CONSUMER_SECRET)) {
            check(!log.contains(secret), "the log shows a secret");
        }
        check(!log.contains("\tat io.github.bitbucketpipelines"), "the log shows a stack trace");
        // Maven 3.10 lists the issues of other people's plugins, too.
        check(
                !log.contains(" * io.github.bitbucketpipelines:bitbucket-pipelines-maven-plugin:"),
                "Maven found something wrong with the plugin");
        checkReports(basedir.toPath());
        return log;
    }

    /** The console of each Maven call of the build, after the checks of {@link #log}. */
    public static List<String> consoles(File basedir) throws IOException {
        // A quiet Maven 4 prints nothing but its version.
        return Pattern.compile("(?m)^(?:\\u001b\\[[0-9;]*m)*(?=Apache Maven |4\\.\\d+\\.\\d+\\S*$)")
                .splitAsStream(log(basedir))
                .filter(console -> console.startsWith("Apache Maven ") || console.startsWith("4."))
                .toList();
    }

    private static void checkReports(Path basedir) throws IOException {
        List<Path> directories;
        try (Stream<Path> all = Files.walk(basedir)) {
            directories = all.filter(path -> path.endsWith(Path.of("target", "bitbucket-pipelines")))
                    .toList();
        }
        for (Path directory : directories) {
            WrittenReports.check(directory, schema(basedir));
            try (Stream<Path> reports = Files.list(directory).filter(Files::isRegularFile)) {
                for (Path report : reports.toList()) {
                    String text = Files.readString(report);
                    for (String secret : List.of(API_TOKEN, ACCESS_TOKEN, CONSUMER_SECRET)) {
                        check(!text.contains(secret), report + " shows a secret");
                    }
                }
            }
        }
    }

    /** The schema of results: the builds run in target/it/NAME of the project that has it. */
    public static Path schema(Path basedir) {
        Path schema = Path.of("docs", "run-result.schema.json");
        Path at = basedir.toAbsolutePath();
        while (!Files.exists(at.resolve(schema))) {
            at = at.getParent();
        }
        return at.resolve(schema);
    }

    /** Checks and returns the console of a build that failed because of its only run, #42: one message with its URL. */
    public String failed(File basedir, String ending) throws IOException {
        created(1);
        String log = log(basedir);
        contains(
                log,
                "Pipeline #42 on branch main of acme/shop ended " + ending,
                "https://bitbucket.org/acme/shop/pipelines/results/42",
                "BUILD FAILURE");
        return log;
    }

    /** Fails unless the log has all of these, in one line or in a message of several lines. */
    public static void contains(String log, String... texts) {
        String joined = log.replaceAll("\\R\\[(ERROR|WARNING)] +", " ");
        for (String text : texts) {
            check(log.contains(text) || joined.contains(text), "the log has no '" + text + "'");
        }
    }

    /** Fails with this message. */
    public static void check(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public void close() {
        embedded.close();
    }
}
