package io.github.bitbucketpipelines.maven.session.settings;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * The secrets that a POM can refer to: those of all servers and proxies of settings.xml, as they are there and decrypted,
 * and BITBUCKET_TOKEN. Maven evaluates <code>${settings.servers[0].password}</code> in a parameter, also in text that an
 * environment variable brings in.
 */
public final class SessionSecrets {
    /** What a default password often is, such as {@code admin}: it is in too many names and texts to be looked for. */
    private static final Pattern WORD = Pattern.compile("[a-z]{1,7}");

    private static final Pattern SECRET_ELEMENT = Pattern.compile("(?i).*(?:password|passphrase|secret|token|value)");
    private static final int MIN_ELEMENT_LENGTH = 8;

    private final List<Secret> secrets = new ArrayList<>();

    /**
     * @param owner where it is from, for messages
     * @param serverId empty if it is not a server's
     */
    private record Secret(String owner, String serverId, String value, SecretMasker forms) {}

    /** Reads and decrypts; what can't be decrypted counts as it is in the settings. */
    public static SessionSecrets of(MavenSession session, SettingsDecrypter decrypter) {
        SessionSecrets all = new SessionSecrets();
        Properties system = session.getSystemProperties();
        String user = system.getProperty(MavenCredentials.USERNAME);
        String token = system.getProperty(MavenCredentials.TOKEN);
        all.add("BITBUCKET_TOKEN of the environment", "", user, token);
        List<Server> servers = session.getSettings().getServers();
        List<Proxy> proxies = session.getSettings().getProxies();
        if (servers.isEmpty() && proxies.isEmpty()) {
            return all;
        }
        SettingsDecryptionResult decrypted =
                decrypter.decrypt(new DefaultSettingsDecryptionRequest(session.getSettings()));
        Stream.concat(servers.stream(), decrypted.getServers().stream()).forEach(all::add);
        Stream.concat(proxies.stream(), decrypted.getProxies().stream())
                .forEach(proxy -> all.add(
                        "the password of proxy '" + shown(proxy.getId()) + "' in settings.xml",
                        "",
                        proxy.getUsername(),
                        proxy.getPassword()));
        return all;
    }

    private void add(Server server) {
        String owner = " of server '" + shown(server.getId()) + "' in settings.xml";
        add("the password" + owner, server.getId(), server.getUsername(), server.getPassword());
        add("the passphrase" + owner, server.getId(), null, server.getPassphrase());
        elements((Xpp3Dom) server.getConfiguration())
                .filter(element -> SECRET_ELEMENT.matcher(element.getName()).matches())
                .map(Xpp3Dom::getValue)
                .filter(value -> value != null && value.strip().length() >= MIN_ELEMENT_LENGTH)
                .forEach(value -> add("the configuration" + owner, server.getId(), null, value));
    }

    private void add(String owner, String serverId, String user, String value) {
        String given = value == null ? "" : value.strip();
        if (given.isEmpty() || given.contains("${")) {
            return;
        }
        String server = serverId == null ? "" : serverId;
        secrets.add(new Secret(owner, server, given, new SecretMasker(List.of(given))));
        if (user != null) {
            String header = Credentials.base64(user.strip(), given);
            secrets.add(new Secret(owner, server, header, new SecretMasker(List.of(header))));
        }
    }

    private static Stream<Xpp3Dom> elements(Xpp3Dom element) {
        return element == null
                ? Stream.empty()
                : Stream.concat(
                        Stream.of(element), Stream.of(element.getChildren()).flatMap(SessionSecrets::elements));
    }

    private static String shown(String id) {
        return TextSanitizer.singleLine(id == null ? "" : id, 100);
    }

    /** Returns the values to mask. */
    public Stream<String> values() {
        return secrets.stream()
                .map(Secret::value)
                .filter(value -> !WORD.matcher(value).matches());
    }

    /**
     * Returns which secret is in the text, in any form that {@link SecretMasker} knows; empty if none is.
     *
     * @param serverId the server whose credentials are used: its password counts even if it is a short word
     */
    public Optional<String> ownerOf(String text, String serverId) {
        return secrets.stream()
                .filter(secret -> secret.serverId().equals(serverId)
                        || !WORD.matcher(secret.value()).matches())
                .filter(secret -> !secret.forms().mask(text).equals(text))
                .map(Secret::owner)
                .findFirst();
    }
}
