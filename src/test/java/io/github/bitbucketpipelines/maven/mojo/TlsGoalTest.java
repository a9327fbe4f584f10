package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.Certificate;
import io.github.bitbucketpipelines.maven.testing.FaultyServer;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.TrustingTls;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Defaults of the JVM that another plugin of the build sets, and those with which Maven was started. */
class TlsGoalTest {
    @TempDir
    private Path directory;

    private GoalHarness maven;
    private FaultyServer tls;
    private Certificate certificate;

    @BeforeEach
    void serve() throws Exception {
        certificate = Certificate.of(directory, "dns:localhost");
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        tls = FaultyServer.overTls(maven.bitbucket().apiUrl(), certificate.server());
        maven.property("bitbucket.apiUrl", "https://localhost:" + tls.port() + "/2.0");
    }

    @AfterEach
    void close() {
        tls.close();
        maven.close();
    }

    @Test
    void trustStoreWithWhichMavenWasStartedIsUsed() throws Exception {
        for (String option : certificate.trustStore(directory.resolve("trust.p12"))) {
            String[] property = option.substring("-D".length()).split("=", 2);
            maven.request().getSystemProperties().setProperty(property[0], property[1]);
        }

        maven.execute("run").passed();

        assertThat(maven.bitbucket().created()).isOne();
    }

    @Test
    void defaultContextThatTrustsAllIsNotUsedAndNothingIsSent() throws Exception {
        SSLContext before = SSLContext.getDefault();
        try {
            SSLContext.setDefault(TrustingTls.context());

            assertThat(maven.execute("run").error()).contains("can't be trusted", "not signed by an authority");
        } finally {
            SSLContext.setDefault(before);
        }
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void trustStoreThatCannotBeOpenedIsAClearError() throws IOException {
        maven.request()
                .getSystemProperties()
                .setProperty(
                        "javax.net.ssl.trustStore",
                        directory.resolve("none.p12").toString());

        assertThat(maven.execute("run").error())
                .contains("this JVM's trust store is missing, empty or can't be opened");
    }

    @Test
    void proxySelectorAndAuthenticatorOfAnotherPluginAreNotUsed() {
        maven.property("bitbucket.apiUrl", maven.bitbucket().apiUrl().toString());
        ProxySelector before = ProxySelector.getDefault();
        try {
            ProxySelector.setDefault(new ProxySelector() {
                @Override
                public List<Proxy> select(URI uri) {
                    return List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("nowhere", 1)));
                }

                @Override
                public void connectFailed(URI uri, SocketAddress address, IOException e) {}
            });
            Authenticator.setDefault(new Authenticator() {
                @Override
                protected PasswordAuthentication getPasswordAuthentication() {
                    throw new IllegalStateException("consulted");
                }
            });

            maven.execute("run").passed();
        } finally {
            ProxySelector.setDefault(before);
            Authenticator.setDefault(null);
        }
    }
}
