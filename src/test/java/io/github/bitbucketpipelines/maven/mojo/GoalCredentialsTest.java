package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.testing.ForwardProxy;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.maven.settings.Server;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.eclipse.aether.repository.Proxy;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a goal sends to be let in: from settings.xml or the environment; and through which proxy. */
class GoalCredentialsTest {
    private static final String BEARER = "Bearer " + GoalHarness.ACCESS_TOKEN;

    private final GoalHarness maven;

    GoalCredentialsTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
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

    @Test
    void proxyOfTheSettingsIsUsedWithItsCredentialsWhichStayWithIt() {
        maven.secret("proxy-p4ssword");
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

            assertThat(proxy.requests()).anyMatch(line -> line.startsWith("POST http://127.0.0.1:"));
            assertThat(maven.bitbucket().requests())
                    .allMatch(request -> request.header("Proxy-Authorization").isEmpty());
        }
    }

    @Test
    void proxyWithoutCredentialsIsUsed() {
        try (ForwardProxy proxy = ForwardProxy.open()) {
            DefaultProxySelector proxies = new DefaultProxySelector();
            proxies.add(new Proxy("http", "127.0.0.1", proxy.port()), "");
            maven.repositorySession().setProxySelector(proxies);

            maven.execute("run").passed();

            assertThat(proxy.requests()).isNotEmpty();
        }
    }

    @Test
    void hostThatProxiesAreNotForIsReachedDirectly() {
        try (ForwardProxy proxy = ForwardProxy.open()) {
            DefaultProxySelector proxies = new DefaultProxySelector();
            proxies.add(new Proxy("http", "127.0.0.1", proxy.port()), "127.0.0.1|localhost");
            maven.repositorySession().setProxySelector(proxies);

            maven.execute("run").passed();

            assertThat(proxy.requests()).isEmpty();
        }
    }

    private void oauth(String user, String authentication, String tokenUrl) {
        Server server = maven.server("bitbucket.org", user, "a-consumer-secret");
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
