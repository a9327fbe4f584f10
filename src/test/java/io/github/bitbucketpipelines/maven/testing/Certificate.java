package io.github.bitbucketpipelines.maven.testing;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A server certificate and its authority, created by the JDK's keytool. */
public final class Certificate {
    private static final String PASSWORD = "changeit";

    private final KeyStore store;

    private Certificate(KeyStore store) {
        this.store = store;
    }

    /**
     * Creates a certificate.
     *
     * @param san such as {@code ip:127.0.0.1} or {@code dns:other.example}
     * @param moreOptions of keytool for the server's certificate, such as a start date in the past
     */
    public static Certificate of(Path directory, String san, String... moreOptions) throws Exception {
        Path file = Files.createTempDirectory(directory, "certificate").resolve("store.p12");
        keytool(file, "-alias", "authority", "-dname", "CN=authority", "-ext", "bc:c");
        List<String> server = new ArrayList<>(
                List.of("-alias", "server", "-dname", "CN=server", "-signer", "authority", "-ext", "SAN=" + san));
        server.addAll(List.of(moreOptions));
        keytool(file, server.toArray(String[]::new));
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return new Certificate(store);
    }

    private static void keytool(Path file, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(keytool.getInputStream().readAllBytes());
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + output);
        }
    }

    /** For the server. */
    public SSLContext server() throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(
                "server",
                store.getKey("server", PASSWORD.toCharArray()),
                PASSWORD.toCharArray(),
                store.getCertificateChain("server"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** For a client that trusts the authority. */
    public SSLContext trusted() throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** The system properties of a JVM whose trust store, in this file, contains only the authority. */
    public List<String> trustStore(Path file) throws Exception {
        try (OutputStream out = Files.newOutputStream(file)) {
            authorities().store(out, PASSWORD.toCharArray());
        }
        return List.of("-Djavax.net.ssl.trustStore=" + file, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }

    private KeyStore authorities() throws Exception {
        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        authorities.setCertificateEntry("authority", store.getCertificate("authority"));
        return authorities;
    }
}
