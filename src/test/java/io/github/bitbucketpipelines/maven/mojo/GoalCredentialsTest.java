package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.Certificate;
import io.github.bitbucketpipelines.maven.testing.FaultyServer;
import io.github.bitbucketpipelines.maven.testing.ForwardProxy;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.maven.settings.Server;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.eclipse.aether.repository.Proxy;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a goal sends to be let in: from settings.xml or the environment; and through which proxy. */
class GoalCredentialsTest {
    private static final String BEARER = "Bearer " + GoalHarness.ACCESS_TOKEN;

    private final GoalHarness maven;

    /** Bitbucket where only a proxy reaches it. */
    private FaultyServer tls;

    GoalCredentialsTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        if (tls != null) {
            tls.close();
        }
        maven.close();
    }

    @Test
    void userAndApiTokenAreSentAsBasic() {
        assertThat(authorization())
                .isEqualTo("Basic " + GoalHarness.base64(GoalHarness.USER + ":" + GoalHarness.API_TOKEN));
    }

    @Test
    void passwordAloneIsSentAsBearer() {
        maven.server("bitbucket.org", null, GoalHarness.ACCESS_TOKEN);

        assertThat(authorization()).isEqualTo(BEARER);
    }

    @Test
    void passwordOfGitsTokenUserIsSentAsBearer() {
        maven.server("bitbucket.org", "x-token-auth", GoalHarness.ACCESS_TOKEN);

        assertThat(authorization()).isEqualTo(BEARER);
    }

    @Test
    void serverIsTheOneOfServerId() {
        maven.server("mine", null, GoalHarness.ACCESS_TOKEN);
        maven.property("bitbucket.serverId", "mine");

        assertThat(authorization()).isEqualTo(BEARER);
    }

    @Test
    void encryptedPasswordIsDecrypted() throws Exception {
        maven.server("bitbucket.org", GoalHarness.USER, maven.encrypted(GoalHarness.API_TOKEN));

        assertThat(authorization())
                .isEqualTo("Basic " + GoalHarness.base64(GoalHarness.USER + ":" + GoalHarness.API_TOKEN));
    }

    @Test
    void encryptedPasswordWithoutItsMasterIsAnErrorAndIsNotSent() {
        maven.server("bitbucket.org", GoalHarness.USER, "{COQLCE6DU6GtcS5P1234567890abcdefghijklmnopqrstuvw=}");

        assertThat(maven.execute("run").error())
                .contains("server 'bitbucket.org' in settings.xml", "can't be decrypted", "settings-security.xml");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void consumerOfOAuthGetsATokenFirst() {
        maven.secret("a-consumer-secret").bitbucket().oauthConsumer("key", "a-consumer-secret", Duration.ofHours(1));
        oauth("key", "oauth", maven.bitbucket().tokenUrl().toString());

        assertThat(authorization()).startsWith("Bearer ");
        assertThat(maven.bitbucket().requests())
                .anyMatch(request -> request.path().equals("/site/oauth2/access_token"));
    }

    @Test
    void authenticationOfAnotherKindIsAnError() {
        oauth("key", "kerberos", "https://bitbucket.org/site/oauth2/access_token");

        assertThat(maven.execute("run").error()).contains("server 'bitbucket.org'", "'kerberos'", "oauth");
    }

    @Test
    void consumerWithoutItsKeyIsAnError() {
        oauth(null, "oauth", "https://bitbucket.org/site/oauth2/access_token");

        assertThat(maven.execute("run").error()).contains("server 'bitbucket.org'", "<username>");
    }

    @Test
    void tokenUrlThatIsNoneIsAnErrorThatDoesNotShowIt() {
        maven.secret("s3cr3t-p4th");
        oauth("key", "oauth", "https://bitbucket.org/ s3cr3t-p4th");
        assertThat(maven.execute("run").error()).contains("<tokenUrl>");

        oauth("key", "oauth", "http://bitbucket.example/s3cr3t-p4th");
        assertThat(maven.execute("run").error()).contains("https");
    }

    @Test
    void serverWithoutAPasswordIsAnError() {
        maven.server("bitbucket.org", GoalHarness.USER, " ");

        assertThat(maven.execute("run").error()).contains("server 'bitbucket.org'", "<password>");
    }

    @Test
    void tokenOfTheEnvironmentIsTakenWhereSettingsHaveNoServer() {
        maven.withoutServers().environment("BITBUCKET_TOKEN", GoalHarness.ACCESS_TOKEN);

        assertThat(authorization()).isEqualTo(BEARER);
    }

    @Test
    void userAndTokenOfTheEnvironmentAreSentAsBasic() {
        maven.withoutServers()
                .environment("BITBUCKET_USERNAME", GoalHarness.USER)
                .environment("BITBUCKET_TOKEN", GoalHarness.API_TOKEN);

        assertThat(authorization())
                .isEqualTo("Basic " + GoalHarness.base64(GoalHarness.USER + ":" + GoalHarness.API_TOKEN));
    }

    @Test
    void tokenOfTheEnvironmentThatCannotBeSentIsAnErrorThatDoesNotShowIt() {
        maven.secret("t0ken").withoutServers().environment("BITBUCKET_TOKEN", "t0ken\nt0ken");

        assertThat(maven.execute("run").error()).contains("BITBUCKET_TOKEN");
    }

    @Test
    void noCredentialsAreAnErrorWithTheLinesForSettings() {
        maven.withoutServers().property("bitbucket.serverId", "mine");

        assertThat(maven.execute("run").error())
                .contains("'mine'", "BITBUCKET_TOKEN", "<server><id>mine</id>", "write:pipeline:bitbucket");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void refusedCredentialsAreAnErrorThatNamesTheirScopesOrPlace() {
        maven.secret("wr0ng").server("bitbucket.org", GoalHarness.USER, "wr0ng");

        assertThat(maven.execute("run").error()).contains("401");
        assertThat(maven.bitbucket().created()).isZero();
    }

    @Test
    void preflightWithoutCredentialsFailsWithTheLinesForSettings() {
        maven.withoutServers();

        assertThat(maven.execute("preflight").failure()).contains("A run would fail", "<server>");
    }

    /** Gives Bitbucket an address that only a proxy knows: none is used for this machine. */
    private void behindAProxy() throws Exception {
        Certificate certificate = Certificate.of(maven.root(), "dns:bitbucket.test");
        for (String option : certificate.trustStore(maven.root().resolve("trust.p12"))) {
            String[] property = option.substring("-D".length()).split("=", 2);
            jvm(property[0], property[1]);
        }
        tls = FaultyServer.overTls(maven.bitbucket().apiUrl(), certificate.server());
        maven.property("bitbucket.apiUrl", "https://bitbucket.test:" + tls.port() + "/2.0");
    }

    @Test
    void proxyOfTheSettingsIsUsedWithItsCredentialsWhichStayWithIt() throws Exception {
        maven.secret("proxy-p4ssword");
        behindAProxy();
        try (ForwardProxy proxy = ForwardProxy.forUser("proxy-user", "proxy-p4ssword")) {
            DefaultProxySelector proxies = new DefaultProxySelector();
            proxies.add(
                    new Proxy(
                            "http",
                            "127.0.0.1",
                            proxy.port(),
                            new AuthenticationBuilder()
                                    .addUsername("proxy-user")
                                    .addPassword("proxy-p4ssword")
                                    .build()),
                    "");
            maven.repositorySession().setProxySelector(proxies);

            maven.execute("run").passed();

            assertThat(proxy.requests())
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("CONNECT bitbucket.test:" + tls.port()));
            assertThat(maven.bitbucket().requests())
                    .isNotEmpty()
                    .allMatch(request -> request.header("Proxy-Authorization").isEmpty());
        }
    }

    @Test
    void proxyWithoutCredentialsIsUsed() throws Exception {
        behindAProxy();
        try (ForwardProxy proxy = ForwardProxy.open()) {
            DefaultProxySelector proxies = new DefaultProxySelector();
            proxies.add(new Proxy("http", "127.0.0.1", proxy.port()), "");
            maven.repositorySession().setProxySelector(proxies);

            maven.execute("run").passed();

            assertThat(proxy.requests()).isNotEmpty();
            assertThat(maven.bitbucket().created()).isOne();
        }
    }

    @Test
    void hostThatProxiesAreNotForIsReachedDirectly() throws Exception {
        behindAProxy();
        try (ForwardProxy proxy = ForwardProxy.open()) {
            DefaultProxySelector proxies = new DefaultProxySelector();
            proxies.add(new Proxy("http", "127.0.0.1", proxy.port()), "bitbucket.test");
            maven.repositorySession().setProxySelector(proxies);

            // Nothing but the proxy knows the host.
            assertThat(maven.execute("run").error()).contains("bitbucket.test");

            assertThat(proxy.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"settings", "jvm"})
    void noProxyIsUsedForThisMachineWhateverItsExceptionsAre(String kind) {
        try (ForwardProxy proxy = ForwardProxy.open()) {
            if (kind.equals("settings")) {
                DefaultProxySelector proxies = new DefaultProxySelector();
                proxies.add(new Proxy("http", "127.0.0.1", proxy.port()), null);
                maven.repositorySession().setProxySelector(proxies);
            } else {
                jvm("http.proxyHost", "127.0.0.1");
                jvm("http.proxyPort", Integer.toString(proxy.port()));
                jvm("http.nonProxyHosts", "*.example.com");
            }
            int port = maven.bitbucket().apiUrl().getPort();

            for (String host : List.of("127.0.0.1", "localhost")) {
                maven.newBuild().property("bitbucket.apiUrl", "http://" + host + ":" + port + "/2.0");
                maven.execute("run").passed();
            }

            assertThat(proxy.requests()).isEmpty();
            assertThat(maven.bitbucket().created()).isEqualTo(2);
        }
    }

    @Test
    void noProxyIsUsedForARehearsal() {
        try (ForwardProxy proxy = ForwardProxy.open()) {
            jvm("http.proxyHost", "127.0.0.1");
            jvm("http.proxyPort", Integer.toString(proxy.port()));
            jvm("http.nonProxyHosts", "");

            maven.property("bitbucket.rehearse", "true").execute("trigger").passed();

            assertThat(proxy.requests()).isEmpty();
        }
    }

    @Test
    void proxyOfTheJvmIsUsedWhereSettingsHaveNone() throws Exception {
        behindAProxy();
        try (ForwardProxy proxy = ForwardProxy.open()) {
            jvm("https.proxyHost", "127.0.0.1");
            jvm("https.proxyPort", Integer.toString(proxy.port()));

            maven.execute("run").passed();

            assertThat(proxy.requests())
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("CONNECT bitbucket.test:" + tls.port()));
        }
    }

    @Test
    void proxyOfTheJvmIsNotUsedForAnExcludedHost() throws Exception {
        behindAProxy();
        try (ForwardProxy proxy = ForwardProxy.open()) {
            jvm("https.proxyHost", "127.0.0.1");
            jvm("https.proxyPort", Integer.toString(proxy.port()));
            jvm("http.nonProxyHosts", "*.example|bitbucket.*");

            assertThat(maven.execute("run").error()).contains("bitbucket.test");

            assertThat(proxy.requests()).isEmpty();
        }
    }

    @Test
    void proxyOfTheJvmIsNamedWhereItCannotBeReached() {
        maven.property("bitbucket.apiUrl", "https://bitbucket.invalid/2.0");
        jvm("https.proxyHost", "127.0.0.1");
        jvm("https.proxyPort", "1");

        assertThat(maven.execute("status").error())
                .contains("the proxy 127.0.0.1:1 (of the property https.proxyHost) refused the connection");
    }

    @Test
    void invalidPortOfTheJvmsProxyIsAnError() {
        maven.property("bitbucket.apiUrl", "https://bitbucket.invalid/2.0");
        jvm("https.proxyHost", "proxy.example");
        jvm("https.proxyPort", "eighty");

        assertThat(maven.execute("run").error()).contains("https.proxyPort is not a port");
    }

    @Test
    void socksProxyOfTheSettingsIsRefusedByName() {
        org.apache.maven.settings.Proxy socks = new org.apache.maven.settings.Proxy();
        socks.setProtocol("socks5");
        socks.setHost("proxy.example");
        socks.setActive(true);
        maven.request().addProxy(socks);
        String here = maven.bitbucket().apiUrl().toString();

        maven.property("bitbucket.apiUrl", "https://bitbucket.invalid/2.0");
        assertThat(maven.execute("run").error())
                .contains("<protocol>socks5</protocol>", "bitbucket.invalid", "nothing was sent");

        socks.setNonProxyHosts("*.invalid");
        assertThat(maven.newBuild().execute("status").error()).doesNotContain("socks");

        socks.setNonProxyHosts(null);
        maven.newBuild().property("bitbucket.apiUrl", here).execute("run").passed();
    }

    @Test
    void proxyOfTheEnvironmentIsNamedWhereAConnectionFails() {
        maven.secret("pr0xy-pass")
                .environment("HTTPS_PROXY", "http://user:pr0xy-pass@proxy.example:3128")
                .property("bitbucket.apiUrl", "http://127.0.0.1:1/2.0");

        assertThat(maven.execute("status").error())
                .contains(
                        "refused the connection.",
                        "The environment sets HTTPS_PROXY, which Java does not use: the proxy"
                                + " belongs in the <proxies> of settings.xml");
    }

    private void jvm(String name, String value) {
        maven.request().getSystemProperties().setProperty(name, value);
    }

    @Test
    void environmentVariableThatIsNotSetIsNamedInEveryField() {
        String expected = "settings.xml refers to the environment variable NO_SUCH_TOKEN, which is not set";
        maven.server("bitbucket.org", GoalHarness.USER, "${env.NO_SUCH_TOKEN}");
        assertThat(maven.execute("run").error()).contains("'bitbucket.org'", expected);

        maven.server("bitbucket.org", "${env.NO_SUCH_TOKEN}", GoalHarness.API_TOKEN);
        assertThat(maven.execute("run").error()).contains(expected);

        maven.server("bitbucket.org", null, null).setPrivateKey("${env.NO_SUCH_TOKEN}");
        assertThat(maven.execute("run").error()).contains(expected);

        maven.server("bitbucket.org", GoalHarness.USER, GoalHarness.API_TOKEN).setPassphrase("${env.NO_SUCH_TOKEN}");
        assertThat(maven.execute("run").error()).contains(expected);

        oauth("key", "oauth", "${env.NO_SUCH_TOKEN}");
        assertThat(maven.execute("run").error()).contains(expected);

        oauth("${env.NO_SUCH_TOKEN}", "oauth", "secret");
        assertThat(maven.execute("run").error()).contains(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "${env.NO_SUCH_PROXY}, user, password",
        "127.0.0.1, ${env.NO_SUCH_PROXY}, password",
        "127.0.0.1, user, ${env.NO_SUCH_PROXY}"
    })
    void environmentVariableOfAProxyThatIsNotSetIsNamed(String host, String user, String password) {
        DefaultProxySelector proxies = new DefaultProxySelector();
        proxies.add(
                new Proxy(
                        "http",
                        host,
                        1,
                        new AuthenticationBuilder()
                                .addUsername(user)
                                .addPassword(password)
                                .build()),
                "");
        maven.repositorySession().setProxySelector(proxies);
        maven.property("bitbucket.apiUrl", "https://bitbucket.invalid/2.0");

        assertThat(maven.execute("run").error())
                .contains("proxy", "settings.xml refers to the environment variable NO_SUCH_PROXY, which is not set");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void serverWithAPrivateKeyAloneIsAnError() {
        maven.server("bitbucket.org", GoalHarness.USER, null).setPrivateKey("/home/me/.ssh/id_rsa");

        assertThat(maven.execute("run").error()).contains("<privateKey>", "for SSH", "token as the <password>");
    }

    @Test
    void usernameThatOnlyGitKnowsIsAnError() {
        String expected = "the username x-bitbucket-api-token-auth works with git alone";
        maven.server("bitbucket.org", "x-bitbucket-api-token-auth", GoalHarness.API_TOKEN);
        assertThat(maven.execute("run").error()).contains("server 'bitbucket.org'", expected, "e-mail address");

        maven.withoutServers()
                .environment("BITBUCKET_USERNAME", "x-bitbucket-api-token-auth")
                .environment("BITBUCKET_TOKEN", GoalHarness.API_TOKEN);
        assertThat(maven.execute("run").error()).contains("BITBUCKET_TOKEN", expected);
    }

    @Test
    void jsonWebTokenThatIsRefusedIsNamedAsOne() {
        String token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzdGVwIn0.c2lnbmF0dXJl";
        maven.secret(token).withoutServers().environment("BITBUCKET_TOKEN", token);

        assertThat(maven.execute("run").error()).contains("401", "step's OIDC token", "workspace access token");

        for (String user : new String[] {null, GoalHarness.USER, "x-token-auth", "ada"}) {
            maven.newBuild().server("bitbucket.org", user, token);
            assertThat(maven.execute("run").error()).contains("401", "step's OIDC token", "workspace access token");
        }
    }

    /** A token as it arrives after an accident, and what the error says. */
    static Stream<Arguments> accidents() {
        String token = GoalHarness.ACCESS_TOKEN;
        String quotes = "has quotes around it";
        String reference = "where its value should be: does this job get that secret?";
        String masked = "is a masked secret";
        String scheme = "has the scheme of a header in front";
        String more = "has more than the token in it";
        return Stream.of(
                arguments('"' + token + '"', quotes),
                arguments("'" + token + "'", quotes),
                arguments(token + '"', quotes),
                arguments("\u201C" + token + "\u201D", quotes),
                arguments("$REAL_NAME", reference),
                arguments("${REAL_NAME}", reference),
                arguments("${secrets.REAL_NAME}", reference),
                arguments("$(REAL_NAME)", reference),
                arguments("$[variables.REAL_NAME]", reference),
                arguments("$env:REAL_NAME", reference),
                arguments("%REAL_NAME%", reference),
                arguments("{{ REAL_NAME }}", reference),
                arguments("${{ secrets.REAL_NAME }}", reference),
                arguments("@real.name@", reference),
                arguments("<REAL_NAME>", reference),
                arguments("((REAL_NAME))", reference),
                arguments("env.REAL_NAME", reference),
                arguments("secrets.REAL_NAME", reference),
                arguments("REAL_NAME", reference),
                arguments("null", "is the word that a script writes"),
                arguments("undefined", "is the word that a script writes"),
                arguments("None", "is the word that a script writes"),
                arguments(token + token, "is there twice"),
                arguments(token + "\\n", "has a '\\', ',' or ';' in it"),
                arguments(token + ",", "has a '\\', ',' or ';' in it"),
                arguments("***", masked),
                arguments("****", masked),
                arguments("\u2022\u2022\u2022\u2022\u2022\u2022", masked),
                arguments("ATATT3x****", masked),
                arguments("[MASKED]", masked),
                arguments("Bearer " + token, scheme),
                arguments("basic\t" + token, scheme),
                arguments("Authorization: Bearer " + token, scheme),
                arguments("BITBUCKET_TOKEN=" + token, "has NAME= in front"),
                arguments(GoalHarness.USER + ":" + token, more),
                arguments("https://x-token-auth:" + token + "@bitbucket.org/acme/shop", more),
                arguments(GoalHarness.base64(GoalHarness.USER + ":" + GoalHarness.API_TOKEN), more),
                arguments("an-access\ntoken-REAL_NAME", "(a line end inside)"),
                arguments("an-access\r\ntoken-REAL_NAME", "(a line end inside)"),
                arguments("an-access token-REAL_NAME", "(a space inside)"),
                arguments(token + "\u200B", "(U+200B at its end)"),
                arguments(token + "\u00A0", "(U+00A0 at its end)"),
                arguments("\uFEFF" + token, "(U+FEFF at its start)"),
                arguments(token + "\u0007", "(U+0007 at its end)"),
                arguments("an-access-t\u00F6ken-REAL_NAME", "(a non-ASCII letter inside)"),
                arguments("an-access-t\uFFFDken-REAL_NAME", "(U+FFFD inside)"));
    }

    @ParameterizedTest
    @MethodSource("accidents")
    void tokenWithAnAccidentIsRefusedInEachFieldAndNeitherSentNorShown(String token, String expected) {
        maven.secret("REAL_NAME").secret("real.name");
        maven.server("bitbucket.org", null, token);
        assertRefused("run", "server 'bitbucket.org' in settings.xml", expected);
        maven.server("bitbucket.org", GoalHarness.USER, token);
        assertRefused("trigger", "server 'bitbucket.org' in settings.xml", expected);
        oauth("key", token, "oauth", maven.bitbucket().tokenUrl().toString());
        assertRefused("status", "server 'bitbucket.org' in settings.xml", expected);
        maven.withoutServers().environment("BITBUCKET_TOKEN", token);
        assertRefused("preflight", "BITBUCKET_TOKEN in the environment", expected);
        maven.environment("BITBUCKET_USERNAME", GoalHarness.USER);
        assertRefused("run", "BITBUCKET_TOKEN in the environment", expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"build@example.com\"' | has quotes around it",
                "$MAIL | where its value should be",
                "{{mail}} | where its value should be",
                "null | is the word that a script writes",
                "**** | is a masked secret",
                "build@example.com:hidden-part | the token belongs into a field of its own",
                "build @example.com | (a space inside)",
                "ATATT3xFfGF0123456789012345 | is it in the wrong field?",
                "'build@example.com\u200B' | (U+200B at its end)",
                "'\uFEFFbuild@example.com' | (U+FEFF at its start)",
                "'build@example.com\u00A0' | (U+00A0 at its end)",
                "'build\u2011x@example.com' | (U+2011 inside)",
                "'' | is set and empty: does this job get that secret?",
                "'  ' | is set and empty: does this job get that secret?",
            })
    void usernameWithAnAccidentIsRefused(String user, String expected) {
        maven.secret("hidden-part").server("bitbucket.org", user, GoalHarness.API_TOKEN);
        assertRefused("run", "server 'bitbucket.org' in settings.xml", expected);
        maven.withoutServers()
                .environment("BITBUCKET_USERNAME", user)
                .environment("BITBUCKET_TOKEN", GoalHarness.API_TOKEN);
        assertRefused("run", "BITBUCKET_USERNAME", expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "\n"})
    void tokenThatIsSetAndEmptyIsReportedAsThat(String token) {
        maven.server("bitbucket.org", null, token);
        assertRefused("run", "its <password> is set and empty: does this job get that secret?");
        maven.withoutServers().environment("BITBUCKET_TOKEN", token);
        assertRefused("run", "BITBUCKET_TOKEN is set and empty: does this job get that secret?", "<server>");
    }

    @Test
    void configurationOfAServerWithAReferenceIsRefused() {
        oauth("key", "oauth", "$TOKEN_URL");
        assertRefused("run", "its <tokenUrl>", "does this job get that secret?");
        oauth("key", "%AUTHENTICATION%", "https://bitbucket.org/site/oauth2/access_token");
        assertRefused("run", "its <authentication>", "does this job get that secret?");
        maven.secret("a-long-token-in-the-wrong-field");
        oauth("key", "a-long-token-in-the-wrong-field", "https://bitbucket.org/site/oauth2/access_token");
        assertRefused("run", "its <authentication> is unknown");
    }

    @Test
    void passwordWithAnAccidentThatIsEncryptedIsRefused() throws Exception {
        maven.secret("an-encrypted-token")
                .server("bitbucket.org", GoalHarness.USER, maven.encrypted("\"an-encrypted-token\""));
        assertRefused("run", "has quotes around it");
        maven.server("bitbucket.org", GoalHarness.USER, maven.encrypted("an-encrypted-token\u200B"));
        assertRefused("run", "(U+200B at its end)");
        maven.withoutServers().environment("BITBUCKET_TOKEN", maven.encrypted("an-encrypted-token"));
        assertRefused("run", "is encrypted by Maven");
    }

    @Test
    void serverCountsAndTheTokenOfTheEnvironmentIsNamedAsUnused() {
        maven.secret("another-token").environment("BITBUCKET_TOKEN", "another-token");
        String expected =
                "[WARNING] The credentials come from server 'bitbucket.org' in settings.xml, and BITBUCKET_TOKEN"
                        + " in the environment does not count.";

        assertThat(maven.execute("run").warnings()).contains(expected);
        assertThat(maven.triggers().get(0).header("Authorization").orElse("")).startsWith("Basic ");
        assertThat(maven.execute("status").warnings()).as("once in a build").doesNotContain(expected);
        for (String goal : List.of("trigger", "preflight", "status")) {
            assertThat(maven.newBuild().execute(goal).warnings()).as(goal).contains(expected);
        }
    }

    @Test
    void tokenOfTheEnvironmentThatIsTheServersOrEmptyIsNotNamed() {
        for (String token : List.of(GoalHarness.API_TOKEN, "", " ")) {
            GoalResult result =
                    maven.newBuild().environment("BITBUCKET_TOKEN", token).execute("status");
            result.passed();
            assertThat(result.warnings()).doesNotContain("BITBUCKET_TOKEN");
        }
    }

    @Test
    void tokenOfTheEnvironmentInPlaceOfANamedServerIsAWarning() {
        maven.environment("BITBUCKET_TOKEN", GoalHarness.ACCESS_TOKEN).property("bitbucket.serverId", "prodution");

        GoalResult result = maven.execute("run");

        result.passed();
        assertThat(result.warnings())
                .contains("settings.xml has no server 'prodution'", "come from BITBUCKET_TOKEN in the environment");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "status", "preflight"})
    void refusalNamesTheSourceOfTheCredentials(String goal) {
        maven.secret("wr0ng-token").server("bitbucket.org", GoalHarness.USER, "wr0ng-token");
        assertThat(maven.execute(goal).exception())
                .hasValueSatisfying(e -> assertThat(e.getMessage())
                        .contains("401", "The credentials come from server 'bitbucket.org' in settings.xml"));

        maven.newBuild().withoutServers().environment("BITBUCKET_TOKEN", "wr0ng-token");
        assertThat(maven.execute(goal).exception())
                .hasValueSatisfying(e -> assertThat(e.getMessage())
                        .contains("401", "The credentials come from BITBUCKET_TOKEN in the environment"));

        maven.newBuild().environment("BITBUCKET_TOKEN", GoalHarness.ACCESS_TOKEN);
        maven.bitbucket()
                .intercept((request, next) -> Response.of(
                        403, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"Forbidden\"}}"));
        assertThat(maven.execute(goal).exception())
                .hasValueSatisfying(e -> assertThat(e.getMessage())
                        .contains("403", "The credentials come from BITBUCKET_TOKEN in the environment"));
    }

    @Test
    void addressWithLettersOfAnotherScriptIsSent() {
        maven.bitbucket().acceptBasic("b\u00fcro@example.com", GoalHarness.API_TOKEN);
        maven.server("bitbucket.org", "b\u00fcro@example.com", "\n  " + GoalHarness.API_TOKEN + "\n");

        assertThat(authorization())
                .isEqualTo("Basic " + GoalHarness.base64("b\u00fcro@example.com:" + GoalHarness.API_TOKEN));
    }

    private void assertRefused(String goal, String... expected) {
        maven.newBuild();
        GoalResult result = maven.execute(goal);
        assertThat(result.ending()).as(result.console()).contains(expected);
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    private void oauth(String user, String authentication, String tokenUrl) {
        oauth(user, "a-consumer-secret", authentication, tokenUrl);
    }

    private void oauth(String user, String secret, String authentication, String tokenUrl) {
        Server server = maven.server("bitbucket.org", user, secret);
        Xpp3Dom configuration = new Xpp3Dom("configuration");
        child(configuration, "authentication", authentication);
        child(configuration, "tokenUrl", tokenUrl);
        server.setConfiguration(configuration);
    }

    private static void child(Xpp3Dom parent, String name, String value) {
        Xpp3Dom child = new Xpp3Dom(name);
        child.setValue(value);
        parent.addChild(child);
    }

    /** What came with the trigger. */
    private String authorization() {
        maven.execute("run").passed();
        RecordedRequest trigger = maven.triggers().get(0);
        return trigger.header("Authorization").orElse("");
    }
}
