package io.github.bitbucketpipelines.maven.bitbucket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Creates the TLS context for connections to Bitbucket from the properties of trust store and key store. The JVM's default
 * context has no part in it: any plugin of a build can replace that one, and some replace it by one that trusts all servers.
 *
 * @see <a href="https://docs.oracle.com/en/java/javase/17/security/java-secure-socket-extension-jsse-reference-guide.html">
 *     JSSE Reference Guide, "Customizing the Default Keystores and Truststores"</a>
 */
public final class TlsContext {
    private static final String PREFIX = "javax.net.ssl.";
    private static final String NO_FILE = "NONE";

    private final Properties properties;

    private TlsContext(Properties properties) {
        this.properties = properties;
    }

    /**
     * Creates a context.
     *
     * @param properties with {@code javax.net.ssl.trustStore}, {@code .trustStoreType}, {@code .trustStoreProvider},
     *     {@code .trustStorePassword}, and the same of {@code keyStore}; {@code java.home}, where the JVM's own trust store is
     * @throws StoreException a store can't be opened
     */
    public static SSLContext of(Properties properties) throws StoreException {
        TlsContext stores = new TlsContext(properties);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(stores.keyManagers(), stores.trustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException | InvalidPathException e) {
            throw new StoreException(e);
        }
    }

    /** The trust store or the key store can't be opened: wrong file, type or password. */
    public static final class StoreException extends SSLException {
        private static final long serialVersionUID = 1L;

        StoreException(Exception cause) {
            super("The trust store or the key store can't be opened", cause);
        }
    }

    private TrustManager[] trustManagers() throws GeneralSecurityException, IOException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(open("trustStore", trustStoreFile()));
        return factory.getTrustManagers();
    }

    /** The file that is named; else the JVM's own; none for a store that is no file, such as {@code Windows-ROOT}. */
    private Optional<Path> trustStoreFile() {
        if (property("trustStore").isPresent() || !isFileType("trustStore")) {
            return namedFile("trustStore");
        }
        return Optional.ofNullable(properties.getProperty("java.home"))
                .map(home -> Path.of(home, "lib", "security"))
                .flatMap(security -> Stream.of("jssecacerts", "cacerts")
                        .map(security::resolve)
                        .filter(Files::isReadable)
                        .findFirst());
    }

    private Optional<Path> namedFile(String store) {
        return property(store)
                .filter(name -> isFileType(store) && !name.equals(NO_FILE))
                .map(Path::of);
    }

    /** No key store is no error: few servers want a certificate of their client. */
    private KeyManager[] keyManagers() throws GeneralSecurityException, IOException {
        if (property("keyStore").isEmpty() && isFileType("keyStore")) {
            return new KeyManager[0];
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(open("keyStore", namedFile("keyStore")), password("keyStore"));
        return factory.getKeyManagers();
    }

    private KeyStore open(String store, Optional<Path> file) throws GeneralSecurityException, IOException {
        String type = property(store + "Type").orElseGet(KeyStore::getDefaultType);
        Optional<String> provider = property(store + "Provider");
        KeyStore opened =
                provider.isPresent() ? KeyStore.getInstance(type, provider.get()) : KeyStore.getInstance(type);
        if (file.isEmpty()) {
            opened.load(null, password(store));
            return opened;
        }
        try (InputStream content = Files.newInputStream(file.get())) {
            opened.load(content, password(store));
        }
        return opened;
    }

    /** Whether the store's type keeps its certificates in a file; the operating systems' stores do not. */
    private boolean isFileType(String store) {
        return property(store + "Type")
                .filter(type -> type.regionMatches(true, 0, "Windows-", 0, "Windows-".length())
                        || type.regionMatches(true, 0, "KeychainStore", 0, "KeychainStore".length()))
                .isEmpty();
    }

    /** The password; null, which skips the check of the store's integrity, where none is given. */
    private char[] password(String store) {
        return property(store + "Password").map(String::toCharArray).orElse(null);
    }

    private Optional<String> property(String name) {
        return Optional.ofNullable(properties.getProperty(PREFIX + name)).filter(value -> !value.isEmpty());
    }
}
