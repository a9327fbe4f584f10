package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.testing.Certificate;
import io.github.bitbucketpipelines.maven.testing.TrustingTls;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsContextTest {
    @TempDir
    private static Path directory;

    private static final ExecutorService THREADS = Executors.newCachedThreadPool();
    private static Certificate certificate;
    private static SSLServerSocket server;
    private static Properties trusting;

    @BeforeAll
    static void serve() throws Exception {
        certificate = Certificate.of(directory, "dns:localhost");
        server = (SSLServerSocket) certificate.server().getServerSocketFactory().createServerSocket(0);
        THREADS.submit(() -> {
            while (true) {
                Socket socket = server.accept();
                THREADS.submit(() -> {
                    try (socket) {
                        return socket.getInputStream().read();
                    }
                });
            }
        });
        trusting = new Properties();
        for (String option : certificate.trustStore(directory.resolve("trust.p12"))) {
            String[] parts = option.substring("-D".length()).split("=", 2);
            trusting.setProperty(parts[0], parts[1]);
        }
    }

    @AfterAll
    static void close() throws IOException {
        server.close();
        THREADS.shutdownNow();
    }

    @Test
    void certificateOfTheNamedTrustStoreIsAccepted() throws Exception {
        handshake(TlsContext.of(trusting));
    }

    @Test
    void unknownAuthorityIsRefusedByTheJvmsOwnTrustStore() throws Exception {
        SSLContext context = TlsContext.of(started());

        assertThatThrownBy(() -> handshake(context)).isInstanceOf(SSLException.class);
    }

    @Test
    void defaultContextThatTrustsAllIsNotUsed() throws Exception {
        SSLContext before = SSLContext.getDefault();
        try {
            SSLContext.setDefault(TrustingTls.context());

            SSLContext context = TlsContext.of(started());

            assertThatThrownBy(() -> handshake(context)).isInstanceOf(SSLException.class);
        } finally {
            SSLContext.setDefault(before);
        }
    }

    @Test
    void propertyThatIsSetLaterIsNotUsed() throws Exception {
        Properties started = started();
        String name = "javax.net.ssl.trustStore";
        String before = System.getProperty(name);
        try {
            System.setProperty(name, trusting.getProperty(name));

            SSLContext context = TlsContext.of(started);

            assertThatThrownBy(() -> handshake(context)).isInstanceOf(SSLException.class);
        } finally {
            if (before == null) {
                System.clearProperty(name);
            }
        }
    }

    @Test
    void wrongPasswordOrMissingFileIsOneException() {
        Properties wrong = new Properties();
        wrong.putAll(trusting);
        wrong.setProperty("javax.net.ssl.trustStorePassword", "not-the-password");
        Properties missing = new Properties();
        missing.setProperty(
                "javax.net.ssl.trustStore", directory.resolve("none.p12").toString());

        assertThatThrownBy(() -> TlsContext.of(wrong)).isInstanceOf(TlsContext.StoreException.class);
        assertThatThrownBy(() -> TlsContext.of(missing)).isInstanceOf(TlsContext.StoreException.class);
    }

    @Test
    void storeOfTheOperatingSystemIsNotLookedForInAFile() {
        Properties windows = started();
        windows.setProperty("javax.net.ssl.trustStoreType", "Windows-ROOT");

        // Elsewhere than on Windows there is no such store; on Windows it opens.
        if (!System.getProperty("os.name").startsWith("Windows")) {
            assertThatThrownBy(() -> TlsContext.of(windows))
                    .isInstanceOf(TlsContext.StoreException.class)
                    .hasRootCauseMessage("Windows-ROOT KeyStore not available");
        }
    }

    /** What a JVM has without options. */
    private static Properties started() {
        Properties properties = new Properties();
        properties.setProperty("java.home", System.getProperty("java.home"));
        return properties;
    }

    private static void handshake(SSLContext context) throws IOException {
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("localhost", server.getLocalPort())) {
            socket.startHandshake();
        }
    }
}
